/** Those who wait for a run's next commit. */
export interface Waiters {
  /** Resolves at the next `wake` or when the signal is aborted. */
  wait(signal: AbortSignal): Promise<void>
  wake(): void
}

export function createWaiters(): Waiters {
  const waiting = new Set<() => void>()
  return {
    wait(signal) {
      if (signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      })
    },
    wake() {
      for (const wake of waiting) wake()
    },
  }
}

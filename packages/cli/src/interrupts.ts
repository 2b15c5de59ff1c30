export interface Interrupts {
  /** See `Shell`. */
  interrupted(): AbortSignal
}

type Signals = Pick<NodeJS.Process, 'on' | 'off' | 'kill' | 'pid'>

/** Ctrl-C and `kill`: the last line is cleaned up, and the process ends by the signal, as a shell expects it. */
export function createInterrupts(signals: Signals, cleanUp: () => void): Interrupts {
  let graceful: AbortController | undefined
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    const onSignal = () => {
      cleanUp()
      if (graceful && !graceful.signal.aborted) return graceful.abort()
      signals.off(name, onSignal)
      signals.kill(signals.pid, name)
    }
    signals.on(name, onSignal)
  }
  return {
    interrupted() {
      graceful ??= new AbortController()
      return graceful.signal
    },
  }
}

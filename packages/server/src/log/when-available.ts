import { LogError } from './log-error.ts'

const WAITS_MS = [50, 100, 200, 400, 800]
const LONGEST_WAIT_MS = 1000
/** `setTimeout` takes no more: 24.8 days. */
export const MAX_TIMEOUT_MS = 2_147_483_647

/** The call's result, as soon as the engine can be reached; its rejection for anything else, or once `signal` is aborted. */
export async function whenAvailable<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof LogError && error.retryable) || signal.aborted) throw error
      await waitMs(WAITS_MS[failures] ?? LONGEST_WAIT_MS, signal)
    }
  }
}

/** Resolves after `ms` milliseconds, or when the signal is aborted. */
export function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, Math.min(ms, MAX_TIMEOUT_MS))
    if (signal.aborted) finish()
    else signal.addEventListener('abort', finish)
  })
}

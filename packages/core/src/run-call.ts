import { streamError } from './drop.ts'
import { httpError } from './http-error.ts'
import type { LifecycleSettings } from './lifecycle-context.ts'
import type { AgentStreamClientOptions } from './options.ts'
import { ask } from './request.ts'
import { retryAfterMs, retryDelayMs } from './retry.ts'

/** What can be asked of a run: to take an answer, or to end. To repeat either changes nothing. */
export type RunVerb = 'input' | 'cancel'

/**
 * Posts to a run, beside its events, and again where that may help. Resolves when the server has accepted it;
 * rejects with `AgentStreamError`. `keepalive`: also while the page goes away, for bodies up to 64 KiB.
 */
export async function callRun(
  options: AgentStreamClientOptions,
  { clock, retry, random, connectTimeoutMs }: LifecycleSettings,
  eventsUrl: string,
  verb: RunVerb,
  body: Readonly<Record<string, unknown>>,
  keepalive = false,
): Promise<void> {
  const url = eventsUrl.replace(/(\/events)?(?=\?|$)/, `/${verb}`)
  const json = JSON.stringify(body)
  for (let n = 1; ; n++) {
    const controller = new AbortController()
    const timer = clock.setTimeout(() => controller.abort(), connectTimeoutMs)
    let waitMs = 0
    try {
      const response = await ask(options, url, json, { keepalive, signal: controller.signal })
      if (response.ok) return await response.body?.cancel()
      waitMs = retryAfterMs(response.headers.get('retry-after'), Date.now)
      throw await httpError(response, clock)
    } catch (cause) {
      const error = streamError(cause)
      if (!error.retryable || n > retry.attempts) throw error
    } finally {
      clock.clearTimeout(timer)
    }
    await new Promise<void>((resolve) => {
      clock.setTimeout(resolve, Math.max(waitMs, retryDelayMs(n, retry, random)))
    })
  }
}

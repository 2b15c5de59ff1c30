import type { AgentStreamCallbacks } from './callbacks.ts'
import type { Clock } from './clock.ts'
import { connect } from './connection.ts'
import type { ConnectionEvent, LifecycleContext } from './lifecycle-context.ts'
import type { AgentStreamClientOptions } from './options.ts'
import { createStreamReader } from './stream-reader.ts'

/** How long a request stays open after a stop, to learn which run the server is to cancel. */
const LINGER_MS = 30_000

/** Whose attempt it is. */
export interface AttemptOwner {
  readonly callbacks: AgentStreamCallbacks
  /** Where the run is became known after it was stopped. Absent while it was not. */
  onLateUrl?: (eventsUrl: string) => void
}

/** Opens an attempt's connection; what it returns closes it. */
export function openAttempt(
  options: AgentStreamClientOptions & { readonly clock: Clock },
  context: LifecycleContext,
  owner: AttemptOwner,
  sendBack: (event: ConnectionEvent) => void,
): () => void {
  const { clock } = options
  const { attempt, after, pulse } = context
  const controller = new AbortController()
  const { signal } = controller
  let isSent = false
  let isOpened = false
  let isLingering = false
  let timer: unknown

  function send(event: ConnectionEvent): void {
    if (signal.aborted) return
    if (!isLingering) {
      isOpened ||= event.type === 'opened'
      sendBack(event)
    } else if (event.type === 'located') {
      owner.onLateUrl?.(event.eventsUrl)
      controller.abort()
    } else if (event.type === 'opened' && !options.eventsUrl) controller.abort()
  }

  const request: typeof fetch = async (...args) => {
    if (isLingering) throw new TypeError('The run was stopped')
    isSent = true
    return (options.fetch ?? fetch)(...args)
  }
  const reader = createStreamReader({
    ...options,
    callbacks: owner.callbacks,
    pulse,
    isRepeat: attempt > 1 && !after,
    send,
  })
  void connect({ ...options, fetch: request }, context, reader, send, signal).then(() =>
    clock.clearTimeout(timer),
  )
  return () => {
    const canLearn = isSent && (!isOpened || options.eventsUrl)
    isLingering = !!(owner.onLateUrl && canLearn)
    reader.close(isLingering)
    if (isLingering) timer = clock.setTimeout(() => controller.abort(), LINGER_MS)
    else controller.abort()
  }
}

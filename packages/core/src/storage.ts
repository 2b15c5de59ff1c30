import type { AgentStreamError } from '@agent-stream/protocol'

import type { AgentStreamCallbacks } from './callbacks.ts'
import type { AgentStreamClient } from './client.ts'
import type { LifecycleSnapshot } from './snapshot.ts'

type RunStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export interface KeepRunOptions {
  /** Under which name: one for each conversation on the page. */
  readonly key: string
  /** Default `sessionStorage`: that of this tab, across reloads. */
  readonly storage?: RunStorage
  /** What is told of a run that is resumed. */
  readonly callbacks?: AgentStreamCallbacks
}

interface KeptRun {
  readonly runId: string
  readonly eventsUrl: string
}

/**
 * Remembers the client's run until it has ended: its id and where its events are, and nothing else. One that is
 * remembered when this is called, since the page was reloaded or left, is resumed, unless the client has one under
 * way. Returns what ends the remembering and leaves the run alone. Storage that is blocked or full, and nonsense in
 * it, count as none.
 */
export function keepRun(client: AgentStreamClient, options: KeepRunOptions): () => void {
  const { key, callbacks } = options
  let last: string | null = null

  function access<T>(use: (storage: RunStorage) => T): T | undefined {
    try {
      // Storage that is blocked throws where it is looked up already.
      return use(options.storage ?? globalThis.sessionStorage)
    } catch {
      // The run goes on without being remembered.
      return undefined
    }
  }

  function forget(): void {
    last = null
    access((storage) => storage.removeItem(key))
  }

  function observe({ context }: LifecycleSnapshot): void {
    const { run, eventsUrl, isDetached } = context
    const { runId, outcome, error } = run
    if (outcome !== null) {
      // What could not be reached any more may be there after the next reload.
      const goesOn = isDetached || (error as Partial<AgentStreamError> | null)?.retryable
      if (!goesOn) forget()
    } else if (runId !== null && eventsUrl !== null && runId !== last) {
      last = runId
      const kept: KeptRun = { runId, eventsUrl }
      access((storage) => storage.setItem(key, JSON.stringify(kept)))
    }
  }

  const { unsubscribe } = client.actor.subscribe({ next: observe, error: () => undefined })
  observe(client.actor.getSnapshot())
  const kept = access((storage) => JSON.parse(storage.getItem(key) as string) as Partial<KeptRun> | null)
  if (
    typeof kept?.runId === 'string' &&
    typeof kept.eventsUrl === 'string' &&
    !client.getSnapshot().isStreaming
  ) {
    // `resume` checks what they say: whoever can write here must not choose where the token goes.
    client.resume(kept.runId, callbacks, kept.eventsUrl).catch(forget)
  }
  return unsubscribe
}

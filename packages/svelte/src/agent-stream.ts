import { AgentStreamClient, type ClientSnapshot, type ClientSource, isClient } from '@agent-stream/core'
import { onDestroy } from 'svelte'
import { createSubscriber } from 'svelte/reactivity'
import type { Readable } from 'svelte/store'

/** Read it as a store (`$stream.text`) or through its properties (`stream.text`) where runes are tracked. */
export interface AgentStream extends ClientSnapshot, Readable<ClientSnapshot> {
  /** To share with other components, and with `selectAgentStream`. */
  readonly client: AgentStreamClient
  readonly startStream: AgentStreamClient['start']
  readonly resume: AgentStreamClient['resume']
  readonly respond: AgentStreamClient['respond']
  readonly cancel: AgentStreamClient['cancel']
  readonly stop: AgentStreamClient['stop']
  readonly detach: AgentStreamClient['detach']
  readonly reset: AgentStreamClient['reset']
}

/**
 * An agent stream's state, and the calls that start, answer and stop it. Given options, it has a client of its own,
 * whose socket is closed with the component that made it (the server's run goes on; outside a component, call
 * `detach()`); given a client, it shares that one.
 */
export function createAgentStream(source: ClientSource = {}): AgentStream {
  const client = isClient(source) ? source : new AgentStreamClient(source)
  if (!isClient(source)) detachWithComponent(client)
  const { subscribe, read } = storeOf(client.getSnapshot, client.subscribe)
  const { start: startStream, resume, respond, cancel, stop, detach, reset } = client
  const stream = { subscribe, client, startStream, resume, respond, cancel, stop, detach, reset }
  for (const key of Object.keys(client.getSnapshot()) as (keyof ClientSnapshot)[]) {
    Object.defineProperty(stream, key, { enumerable: true, get: () => read()[key] })
  }
  // A snapshot always has all of its keys: each is a property now.
  return stream as AgentStream
}

export interface AgentStreamSelection<T> extends Readable<T> {
  readonly current: T
}

/** What `select` takes of a client's snapshot, as a store and as `current`; changes only when that has. */
export function selectAgentStream<T>(
  client: AgentStreamClient,
  select: (snapshot: ClientSnapshot) => T,
  isEqual: (a: T, b: T) => boolean = Object.is,
): AgentStreamSelection<T> {
  let selected = select(client.getSnapshot())
  const getSelected = (): T => {
    const next = select(client.getSnapshot())
    if (!isEqual(selected, next)) selected = next
    return selected
  }
  const { subscribe, read } = storeOf(getSelected, (listener) => {
    let last = getSelected()
    return client.subscribe(() => {
      if (getSelected() === last) return
      last = selected
      listener()
    })
  })
  return {
    subscribe,
    get current() {
      return read()
    },
  }
}

/** Both faces of one value: the store contract, and a read that effects and templates track. */
function storeOf<T>(get: () => T, listen: (listener: () => void) => () => void) {
  const track = createSubscriber((update) => listen(update))
  return {
    subscribe(run: (value: T) => void): () => void {
      const stop = listen(() => run(get()))
      run(get())
      return stop
    },
    read(): T {
      track()
      return get()
    },
  }
}

function detachWithComponent(client: AgentStreamClient): void {
  try {
    onDestroy(client.detach)
  } catch {
    // Not made by a component: whoever made it says when it ends.
  }
}

import { AgentStreamClient, type ClientSnapshot, type ClientSource, isClient } from '@agent-stream/core'
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react'

export interface AgentStreamHook extends ClientSnapshot {
  /** To share with other components, and with `useAgentStreamSelector`. */
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
 * An agent stream's state, and the calls that start, answer and stop it. Given options, the component has a client of
 * its own, whose socket is closed when it unmounts (the server's run goes on); given a client, it shares that one.
 */
export function useAgentStream(source: ClientSource = {}): AgentStreamHook {
  const client = useClient(source)
  const { getSnapshot, start: startStream, resume, respond, cancel, stop, detach, reset } = client
  // React's own hook: `useSelector` of @xstate/react would add a shim of it, 1.1 KB gzip.
  const snapshot = useSyncExternalStore(client.subscribe, getSnapshot, getSnapshot)
  return useMemo(
    () => ({ ...snapshot, client, startStream, resume, respond, cancel, stop, detach, reset }),
    [client, snapshot, startStream, resume, respond, cancel, stop, detach, reset],
  )
}

/** What `select` takes of a client's snapshot; renders only when that has changed. Default equality: `Object.is`. */
export function useAgentStreamSelector<T>(
  client: AgentStreamClient,
  select: (snapshot: ClientSnapshot) => T,
  isEqual: (a: T, b: T) => boolean = Object.is,
): T {
  const last = useRef<{
    readonly snapshot: ClientSnapshot
    readonly select: unknown
    readonly value: T
  } | null>(null)
  const getSelected = (): T => {
    const snapshot = client.getSnapshot()
    const { current } = last
    // A selector that builds a new object would else never come to rest.
    if (current?.snapshot === snapshot && current.select === select) return current.value
    const next = select(snapshot)
    const value = current && isEqual(current.value, next) ? current.value : next
    last.current = { snapshot, select, value }
    return value
  }
  return useSyncExternalStore(client.subscribe, getSelected, getSelected)
}

function useClient(source: ClientSource): AgentStreamClient {
  const own = useRef<AgentStreamClient | null>(null)
  if (!isClient(source)) own.current ??= new AgentStreamClient(source)
  // Given options, the line above has made it.
  const client = isClient(source) ? source : (own.current as AgentStreamClient)
  useEffect(() => {
    if (!isClient(source)) client.setOptions(source)
  })
  useEffect(
    () => () => {
      if (client === own.current) client.detach()
    },
    [client],
  )
  return client
}

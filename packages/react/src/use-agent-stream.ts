import { AgentStreamClient, type ClientSnapshot, type ClientSource, isClient } from '@agent-stream/core'
import { useSelector } from '@xstate/react'
import { useEffect, useMemo, useRef } from 'react'

export interface AgentStreamHook extends ClientSnapshot {
  /** To share with other components, and with `useAgentStreamSelector`. */
  readonly client: AgentStreamClient
  readonly startStream: AgentStreamClient['start']
  readonly stop: AgentStreamClient['stop']
  readonly detach: AgentStreamClient['detach']
  readonly reset: AgentStreamClient['reset']
}

/**
 * An agent stream's state, and the calls that start and stop it. Given options, the component has a client of
 * its own, whose socket is closed when it unmounts (the server's run goes on); given a client, it shares that one.
 */
export function useAgentStream(source: ClientSource = {}): AgentStreamHook {
  const client = useClient(source)
  const snapshot = useSelector(client.actor, client.select)
  return useMemo(
    () => ({
      ...snapshot,
      client,
      startStream: client.start,
      stop: client.stop,
      detach: client.detach,
      reset: client.reset,
    }),
    [client, snapshot],
  )
}

/** What `select` takes of a client's snapshot; renders only when that has changed. Default equality: `===`. */
export function useAgentStreamSelector<T>(
  client: AgentStreamClient,
  select: (snapshot: ClientSnapshot) => T,
  isEqual?: (a: T, b: T) => boolean,
): T {
  return useSelector(client.actor, (snapshot) => select(client.select(snapshot)), isEqual)
}

function useClient(source: ClientSource): AgentStreamClient {
  const own = useRef<AgentStreamClient | null>(null)
  useEffect(() => {
    if (!isClient(source)) own.current?.setOptions(source)
  })
  useEffect(() => () => own.current?.detach(), [])
  if (isClient(source)) return source
  own.current ??= new AgentStreamClient(source)
  return own.current
}

import {
  AgentStreamClient,
  type AgentStreamClientOptions,
  type ClientSnapshot,
  type ClientSource,
  isClient,
} from '@agent-stream/core'
import { useSelector } from '@xstate/vue'
import {
  computed,
  type MaybeRefOrGetter,
  onScopeDispose,
  type Ref,
  shallowRef,
  toRaw,
  toValue,
  watch,
} from 'vue'

type SnapshotRefs = { readonly [K in keyof ClientSnapshot]: Readonly<Ref<ClientSnapshot[K]>> }

export interface AgentStreamComposable extends SnapshotRefs {
  /** To share with other components, and with `useAgentStreamSelector`. */
  readonly client: Readonly<Ref<AgentStreamClient>>
  readonly startStream: AgentStreamClient['start']
  readonly resume: AgentStreamClient['resume']
  readonly respond: AgentStreamClient['respond']
  readonly cancel: AgentStreamClient['cancel']
  readonly stop: AgentStreamClient['stop']
  readonly detach: AgentStreamClient['detach']
  readonly reset: AgentStreamClient['reset']
}

/**
 * An agent stream's state as refs, one for each part of the snapshot, and the calls that start, answer and stop it.
 * Given options, the scope has a client of its own, whose socket is closed with it (the server's run goes on); given
 * a client, it shares that one. A ref or getter may change what it gives.
 */
export function useAgentStream(source: MaybeRefOrGetter<ClientSource> = {}): AgentStreamComposable {
  const client = useClient(source)
  const snapshot = useSnapshot(client, (whole) => whole)
  const keys = Object.keys(snapshot.value) as (keyof ClientSnapshot)[]
  const refs = Object.fromEntries(keys.map((key) => [key, computed(() => snapshot.value[key])]))
  return {
    // One ref for each key of the snapshot, and a snapshot always has all of them.
    ...(refs as unknown as SnapshotRefs),
    client,
    startStream: (...args) => client.value.start(...args),
    resume: (...args) => client.value.resume(...args),
    respond: (...args) => client.value.respond(...args),
    cancel: (...args) => client.value.cancel(...args),
    stop: () => client.value.stop(),
    detach: () => client.value.detach(),
    reset: () => client.value.reset(),
  }
}

/** What `select` takes of a client's snapshot; changes only when that has. Default equality: `===`. */
export function useAgentStreamSelector<T>(
  client: MaybeRefOrGetter<AgentStreamClient>,
  select: (snapshot: ClientSnapshot) => T,
  isEqual?: (a: T, b: T) => boolean,
): Readonly<Ref<T>> {
  return useSnapshot(
    computed(() => toRaw(toValue(client))),
    select,
    isEqual,
  )
}

function useClient(source: MaybeRefOrGetter<ClientSource>): Readonly<Ref<AgentStreamClient>> {
  let own: AgentStreamClient | undefined
  const ownClient = (options: AgentStreamClientOptions): AgentStreamClient => {
    if (own) own.setOptions(options)
    else own = new AgentStreamClient(options)
    return own
  }
  const choose = (): AgentStreamClient => {
    const given = toRaw(toValue(source))
    return isClient(given) ? given : ownClient(given)
  }
  const client = shallowRef(choose())
  watch(choose, (next) => {
    if (next !== own) own?.detach()
    client.value = next
  })
  onScopeDispose(() => own?.detach())
  return client
}

function useSnapshot<T>(
  client: Readonly<Ref<AgentStreamClient>>,
  select: (snapshot: ClientSnapshot) => T,
  isEqual?: (a: T, b: T) => boolean,
): Readonly<Ref<T>> {
  return useSelector(
    computed(() => client.value.actor),
    () => select(client.value.getSnapshot()),
    isEqual,
  )
}

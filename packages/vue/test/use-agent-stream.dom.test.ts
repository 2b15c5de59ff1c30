import { type ScriptedResponse, SimulatedClock, scriptedFetch } from '@agent-stream/core/testing'
import {
  AgentStreamClient,
  type AgentStreamComposable,
  type ClientSource,
  useAgentStream,
  useAgentStreamSelector,
} from '@agent-stream/vue'
import { describe, expect, it } from 'vitest'
import { effectScope, type MaybeRefOrGetter, nextTick, type Ref, reactive, shallowRef } from 'vue'

// What all bindings have in common is tested by test-harness/test/binding-contract.ts.

const HELLO = 'event: token\ndata: {"text": "Hello"}\n\n'
const DONE = 'event: done\ndata: {}\n\n'

function scripted(...responses: ScriptedResponse[]) {
  const clock = new SimulatedClock()
  const { fetch, requests } = scriptedFetch(responses, clock)
  return { clock, requests, options: { clock, fetch } }
}

/** Uses the composable as a store does: in a scope, without a component. */
function inScope(source: MaybeRefOrGetter<ClientSource>) {
  const scope = effectScope()
  // A scope that has not been stopped runs its function.
  const stream = scope.run(() => useAgentStream(source)) as AgentStreamComposable
  return { scope, stream }
}

describe('useAgentStream', () => {
  it('works in a scope without a component, and ends with it', async () => {
    const { options, clock, requests } = scripted({ body: [HELLO], end: 'hang' })
    const { scope, stream } = inScope(options)
    void stream.startStream('/chat')
    await clock.advance(0)
    expect(stream.text.value).toBe('Hello')
    scope.stop()
    expect(requests[0]?.isAborted).toBe(true)
  })

  it('asks with the options that a getter gives now', async () => {
    const { options, clock, requests } = scripted({ body: [DONE] }, { body: [DONE] })
    const token = shallowRef('first')
    const { stream, scope } = inScope(() => {
      const current = token.value
      return { ...options, getToken: () => current }
    })
    void stream.startStream('/chat')
    await clock.advance(0)
    token.value = 'second'
    await nextTick()
    void stream.startStream('/chat')
    await clock.advance(0)
    const sent = requests.map(({ init }) => new Headers(init.headers).get('authorization'))
    expect(sent).toEqual(['Bearer first', 'Bearer second'])
    scope.stop()
  })

  it('shows the client that its ref is given, and closes its own', async () => {
    const own = scripted({ body: [HELLO], end: 'hang' })
    const source = shallowRef<ClientSource>(own.options)
    const { stream, scope } = inScope(source)
    void stream.startStream('/chat')
    await own.clock.advance(0)
    expect(stream.text.value).toBe('Hello')
    source.value = new AgentStreamClient()
    await nextTick()
    expect(stream.status.value).toBe('idle')
    expect(own.requests[0]?.isAborted).toBe(true)
    scope.stop()
  })

  it('takes a client out of reactive data', async () => {
    const { options, clock } = scripted({ body: [HELLO, DONE] })
    const data = reactive({ client: new AgentStreamClient(options) })
    const { stream, scope } = inScope(() => data.client as AgentStreamClient)
    void stream.startStream('/chat')
    await clock.advance(0)
    expect(stream.text.value).toBe('Hello')
    scope.stop()
  })
})

describe('useAgentStreamSelector', () => {
  it('follows a client from a getter to another', async () => {
    const { options, clock } = scripted({ body: [HELLO, DONE] })
    const client = shallowRef(new AgentStreamClient())
    const scope = effectScope()
    const text = scope.run(() => useAgentStreamSelector(client, (snapshot) => snapshot.text)) as Ref<string>
    expect(text.value).toBe('')
    client.value = new AgentStreamClient(options)
    void client.value.start('/chat')
    await clock.advance(0)
    expect(text.value).toBe('Hello')
    scope.stop()
  })
})

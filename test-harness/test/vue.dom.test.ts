import { AgentStreamClient, type ClientSource, useAgentStream } from '@agent-stream/vue'
import { render } from '@testing-library/vue'
import { describe, expect, it } from 'vitest'
import { createSSRApp, effectScope, nextTick, shallowRef } from 'vue'
import { renderToString } from 'vue/server-renderer'

import { describeBinding, scripted } from './binding-contract.ts'
import { doneEvent, tokens } from './fixtures/stream.ts'
import { VuePanel, VueSelection } from './fixtures/vue-panel.ts'

describeBinding({
  name: 'Vue',
  panel(source, probe) {
    const { container, unmount } = render(VuePanel, { props: { source: () => source, ...probe } })
    return { root: container, unmount }
  },
  serverHtml: (source) => renderToString(createSSRApp(VuePanel, { source: () => source })),
  hydrate(root, source, probe) {
    const app = createSSRApp(VuePanel, { source: () => source, ...probe })
    app.mount(root)
    return { root, unmount: () => app.unmount() }
  },
  selection(client, select, probe) {
    const { container, unmount } = render(VueSelection, { props: { client, select, ...probe } })
    return { root: container, unmount }
  },
})

describe('Vue: refs and getters', () => {
  it('asks with the options that a getter gives now', async () => {
    const { options, clock, requests } = scripted([{ body: [doneEvent()] }, { body: [doneEvent()] }])
    const token = shallowRef('first')
    const scope = effectScope()
    const { startStream } = scope.run(() =>
      useAgentStream(() => {
        const current = token.value
        return { ...options, getToken: () => current }
      }),
    ) as ReturnType<typeof useAgentStream>
    void startStream('/chat')
    await clock.advance(0)
    token.value = 'second'
    await nextTick()
    void startStream('/chat')
    await clock.advance(0)
    expect(requests.map(({ init }) => new Headers(init.headers).get('authorization'))).toEqual([
      'Bearer first',
      'Bearer second',
    ])
    scope.stop()
  })

  it('shows the other client when the ref is given one, and closes its own', async () => {
    const own = scripted([{ body: tokens(2), end: 'hang' }])
    const other = scripted([{ body: [...tokens(3), doneEvent()] }])
    void other.client.start('/chat')
    await other.clock.advance(0)
    const source = shallowRef<ClientSource>(own.options)
    const scope = effectScope()
    const stream = scope.run(() => useAgentStream(source)) as ReturnType<typeof useAgentStream>
    void stream.startStream('/chat')
    await own.clock.advance(20)
    expect(stream.text.value).toBe('t0 t1 ')
    source.value = other.client
    await nextTick()
    expect(stream.text.value).toBe('t0 t1 t2 ')
    expect(own.requests[0]?.isAborted).toBe(true)
    scope.stop()
  })

  it('works in a scope without a component, and ends with it', async () => {
    const { options, clock, requests } = scripted([{ body: tokens(2), end: 'hang' }])
    const scope = effectScope()
    const stream = scope.run(() => useAgentStream(options)) as ReturnType<typeof useAgentStream>
    void stream.startStream('/chat')
    await clock.advance(50)
    expect(stream.text.value).toBe('t0 t1 ')
    expect(stream.client.value).toBeInstanceOf(AgentStreamClient)
    scope.stop()
    expect(requests[0]?.isAborted).toBe(true)
  })
})

import { type ScriptedResponse, SimulatedClock, scriptedFetch, settle } from '@agent-stream/core/testing'
import { AgentStreamClient, createAgentStream, selectAgentStream } from '@agent-stream/svelte'
import { render } from '@testing-library/svelte'
import { get } from 'svelte/store'
import { describe, expect, it, vi } from 'vitest'

import TwoReaders from './two-readers.svelte'

// What all bindings have in common is tested by test-harness/test/binding-contract.ts.

const HELLO = 'event: token\ndata: {"text": "Hello"}\n\n'
const DONE = 'event: done\ndata: {}\n\n'

function scripted(...responses: ScriptedResponse[]) {
  const clock = new SimulatedClock()
  const { fetch, requests } = scriptedFetch(responses, clock)
  return { clock, requests, options: { clock, fetch } }
}

describe('createAgentStream', () => {
  it('is a store outside of components too, until it is detached', async () => {
    const { options, clock, requests } = scripted({ body: [HELLO], end: 'hang' })
    const stream = createAgentStream(options)
    const listener = vi.fn()
    const unsubscribe = stream.subscribe(({ text }) => listener(text))
    expect(listener.mock.lastCall).toEqual([''])
    void stream.startStream('/chat')
    await clock.advance(0)
    expect(listener.mock.lastCall).toEqual(['Hello'])
    expect(get(stream).text).toBe('Hello')
    expect(stream.text).toBe('Hello')
    stream.detach()
    expect(requests[0]?.isAborted).toBe(true)
    unsubscribe()
  })

  it('made in a module, goes on when a component that reads it is gone', async () => {
    const { options, clock } = scripted({ body: [HELLO, { waitMs: 500 }, HELLO, DONE] })
    const stream = createAgentStream(options)
    const { container, unmount } = render(TwoReaders, { props: { stream } })
    void stream.startStream('/chat')
    await clock.advance(0)
    expect(container.textContent).toBe('Hello|Hello')
    unmount()
    await clock.advance(500)
    expect(stream).toMatchObject({ status: 'done', text: 'HelloHello' })
    const again = render(TwoReaders, { props: { stream } })
    expect(again.container.textContent).toBe('HelloHello|HelloHello')
  })

  it('subscribes once for all that read its properties, and not at all for none', async () => {
    const client = new AgentStreamClient()
    const subscribe = vi.spyOn(client.actor, 'subscribe')
    const stream = createAgentStream(client)
    expect(stream.status).toBe('idle')
    expect(subscribe).not.toHaveBeenCalled()
    const { unmount } = render(TwoReaders, { props: { stream } })
    expect(subscribe).toHaveBeenCalledTimes(1)
    unmount()
    await settle()
  })
})

describe('selectAgentStream', () => {
  it('is a store that tells its subscribers of changes of the selection alone', async () => {
    const { options, clock } = scripted({ body: [HELLO, { waitMs: 500 }, HELLO, DONE] })
    const client = new AgentStreamClient(options)
    const hasText = selectAgentStream(client, ({ text }) => text !== '')
    const seen: boolean[] = []
    const unsubscribe = hasText.subscribe((value) => seen.push(value))
    void client.start('/chat')
    await clock.advance(1000)
    expect(seen).toEqual([false, true])
    expect(hasText.current).toBe(true)
    unsubscribe()
  })
})

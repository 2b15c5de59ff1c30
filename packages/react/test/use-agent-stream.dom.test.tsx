import { type ScriptedResponse, SimulatedClock, scriptedFetch } from '@agent-stream/core/testing'
import {
  AgentStreamClient,
  type AgentStreamHook,
  type ClientSource,
  useAgentStream,
} from '@agent-stream/react'
import { cleanup, render } from '@testing-library/react'
import { useEffect } from 'react'
import { afterEach, describe, expect, it } from 'vitest'

// What all bindings have in common is tested by test-harness/test/binding-contract.ts.

const HELLO = [
  'event: token\ndata: {"text": "Hello"}\n\n',
  { waitMs: 30 },
  'event: token\ndata: {"text": " world"}\n\n',
]
const DONE = 'event: done\ndata: {}\n\n'

function scripted(...responses: ScriptedResponse[]) {
  const clock = new SimulatedClock()
  const { fetch, requests } = scriptedFetch(responses, clock)
  return { clock, requests, options: { clock, fetch } }
}

interface PanelProps {
  readonly source: ClientSource
  readonly startsAtOnce?: boolean
  readonly onStream?: (stream: AgentStreamHook) => void
}

function Panel({ source, startsAtOnce = false, onStream }: PanelProps) {
  const stream = useAgentStream(source)
  const { startStream, text, status } = stream
  onStream?.(stream)
  useEffect(() => {
    if (startsAtOnce) void startStream('/chat')
  }, [startsAtOnce, startStream])
  return `${status}: ${text}`
}

afterEach(cleanup)

describe('useAgentStream in StrictMode, started by an effect', () => {
  const body = [...HELLO, DONE]

  it('shows the text of the second start once, with a client of its own', async () => {
    const { options, clock, requests } = scripted({ body }, { body })
    const { container } = render(<Panel source={options} startsAtOnce />, { reactStrictMode: true })
    await clock.advance(0)
    expect(requests.map((request) => request.isAborted)).toEqual([true, false])
    await clock.advance(200)
    expect(container.textContent).toBe('done: Hello world')
  })

  it('shows the text of the second start once, with a client that is shared', async () => {
    const { options, clock, requests } = scripted({ body }, { body })
    const client = new AgentStreamClient(options)
    const { container } = render(<Panel source={client} startsAtOnce />, { reactStrictMode: true })
    await clock.advance(0)
    expect(requests.map((request) => request.isAborted)).toEqual([true, false])
    await clock.advance(200)
    expect(container.textContent).toBe('done: Hello world')
  })
})

describe('useAgentStream, given something else', () => {
  it('asks with the options of the last render', async () => {
    const { options, clock, requests } = scripted({ body: [DONE] })
    let start: () => void = () => {}
    const panel = (token: string) => (
      <Panel
        source={{ ...options, getToken: () => token }}
        onStream={({ startStream }) => {
          start = () => void startStream('/chat')
        }}
      />
    )
    const { rerender } = render(panel('first'))
    rerender(panel('second'))
    start()
    await clock.advance(0)
    expect(new Headers(requests[0]?.init.headers).get('authorization')).toBe('Bearer second')
  })

  it('shows the client that it is given, and closes its own', async () => {
    const own = scripted({ body: HELLO, end: 'hang' })
    const other = new AgentStreamClient()
    const { container, rerender } = render(<Panel source={own.options} startsAtOnce />)
    await own.clock.advance(100)
    expect(container.textContent).toBe('streaming: Hello world')
    rerender(<Panel source={other} />)
    expect(container.textContent).toBe('idle: ')
    expect(own.requests.map((request) => request.isAborted)).toEqual([true])
  })
})

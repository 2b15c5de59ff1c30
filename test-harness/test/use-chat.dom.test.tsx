import { type ChatTransport, createChatTransport } from '@agent-stream/core/chat-transport'
import { type Agent, allowAll, createRunServer, memoryLog } from '@agent-stream/server'
import { useChat } from '@ai-sdk/react'
import { cleanup, render, screen, waitFor } from '@testing-library/react'
import type { UIMessage } from 'ai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** An agent that waits in the middle, and whether it was told to end. */
function pausing() {
  let goOn = (): void => undefined
  const paused = new Promise<void>((resolve) => {
    goOn = resolve
  })
  let isAborted = (): boolean => false
  const agent: Agent = async function* ({ signal }) {
    isAborted = () => signal.aborted
    yield { type: 'token', text: 'Hel' }
    await paused
    yield { type: 'token', text: 'lo' }
  }
  return { agent, goOn, isAborted: () => isAborted() }
}

function serve(agent: Agent) {
  const server = createRunServer({ log: memoryLog(), agent, authorize: allowAll, basePath: '/api' })
  const fetch: typeof globalThis.fetch = (input, init) =>
    server.fetch(new Request(new URL(String(input), 'http://localhost'), init))
  return { server, fetch }
}

interface PanelProps {
  readonly transport: ChatTransport<UIMessage>
  readonly resume?: boolean
}

function Panel({ transport, resume = false }: PanelProps) {
  const { messages, sendMessage, status } = useChat({ id: 'c1', transport, resume })
  return (
    <main>
      <button type="button" onClick={() => sendMessage({ text: 'Hi' })}>
        Send
      </button>
      <p data-testid="text">
        {messages.flatMap(({ role, parts }) =>
          parts.map((part) => (role === 'assistant' && part.type === 'text' ? part.text : '')),
        )}
      </p>
      <p data-testid="count">{messages.length}</p>
      <p data-testid="status">{status}</p>
    </main>
  )
}

const said = (name: string) => screen.getByTestId(name).textContent

beforeEach(() => sessionStorage.clear())
afterEach(cleanup)

describe('useChat over the chat transport', () => {
  it.each([false, true])(
    'finds its run again after its component was gone (StrictMode: %s)',
    async (strict) => {
      const { agent, goOn, isAborted } = pausing()
      const { server, fetch } = serve(agent)
      // Each mount has its own, as after a reload.
      const open = () => createChatTransport<UIMessage>({ fetch, onStop: 'detach' })
      const before = render(<Panel transport={open()} />, { reactStrictMode: strict })
      screen.getByText('Send').click()
      await waitFor(() => expect(said('text')).toBe('Hel'))
      before.unmount()
      render(<Panel transport={open()} resume />, { reactStrictMode: strict })
      await waitFor(() => expect(said('text')).toBe('Hel'))
      goOn()
      await waitFor(() => expect(said('status')).toBe('ready'))
      expect(said('text')).toBe('Hello')
      expect(said('count')).toBe('1')
      expect(isAborted()).toBe(false)
      await server.close()
    },
  )

  it('cancels its run when its component goes, unless it is told otherwise', async () => {
    const { agent, goOn, isAborted } = pausing()
    const { server, fetch } = serve(agent)
    const transport = createChatTransport<UIMessage>({ fetch })
    const panel = render(<Panel transport={transport} />)
    screen.getByText('Send').click()
    await waitFor(() => expect(said('text')).toBe('Hel'))
    panel.unmount()
    await waitFor(() => expect(isAborted()).toBe(true))
    expect(sessionStorage.length).toBe(0)
    goOn()
    await server.close()
  })
})

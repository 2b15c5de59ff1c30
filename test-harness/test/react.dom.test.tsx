import { type ClientSource, useAgentStream } from '@agent-stream/react'
import { render } from '@testing-library/react'
import { type ReactElement, StrictMode, useEffect } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'

import { type Binding, describeBinding, fieldOf, scripted } from './binding-contract.ts'
import { ReactPanel, ReactSelection } from './fixtures/react-panel.tsx'
import { countSubscriptions, doneEvent, tokens } from './fixtures/stream.ts'

function StartingPanel({ source }: { readonly source: ClientSource }) {
  const { startStream, text, status } = useAgentStream(source)
  useEffect(() => void startStream('/chat'), [startStream])
  return (
    <>
      <p data-field="text">{text}</p>
      <p data-field="status">{status}</p>
    </>
  )
}

function reactBinding(name: string, reactStrictMode: boolean): Binding {
  const mount = (component: ReactElement) => {
    const { container, unmount } = render(component, { reactStrictMode })
    return { root: container, unmount }
  }
  return {
    name,
    panel: (source, probe) => mount(<ReactPanel source={source} {...probe} />),
    serverHtml: (source) => renderToString(<ReactPanel source={source} />),
    hydrate(root, source, probe) {
      const { unmount } = render(<ReactPanel source={source} {...probe} />, {
        container: root,
        hydrate: true,
        reactStrictMode,
        onRecoverableError: console.error,
      })
      return { root, unmount }
    },
    selection: (client, select, probe) =>
      mount(<ReactSelection client={client} select={select} {...probe} />),
  }
}

describeBinding(reactBinding('React', false))
describeBinding(reactBinding('React in StrictMode', true))

describe('React in StrictMode: a stream that an effect starts', () => {
  const whole = [...tokens(5, 30), doneEvent()]

  it('ends with the right text, of the second start, for a client of its own', async () => {
    const { options, clock, requests } = scripted([{ body: whole }, { body: whole }])
    const { container } = render(<StartingPanel source={options} />, { reactStrictMode: true })
    await clock.advance(0)
    expect(requests.map((request) => request.isAborted)).toEqual([true, false])
    await clock.advance(200)
    expect(fieldOf(container, 'text')).toBe('t0 t1 t2 t3 t4 ')
    expect(fieldOf(container, 'status')).toBe('done')
  })

  it('ends with the right text, of the second start, for a client that is shared', async () => {
    const { client, clock, requests } = scripted([{ body: whole }, { body: whole }])
    const subscriptions = countSubscriptions(client)
    const { container, unmount } = render(<StartingPanel source={client} />, { reactStrictMode: true })
    await clock.advance(0)
    expect(requests.map((request) => request.isAborted)).toEqual([true, false])
    await clock.advance(200)
    expect(fieldOf(container, 'text')).toBe('t0 t1 t2 t3 t4 ')
    expect(subscriptions()).toBe(1)
    unmount()
    expect(subscriptions()).toBe(0)
  })
})

describe('React: another source', () => {
  it('asks with the options of the last render', async () => {
    const { options, clock, requests } = scripted([{ body: [doneEvent()] }])
    let start: () => void = () => {}
    const panel = (token: string) => (
      <ReactPanel
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

  it('shows the other client when it is given one, and closes its own', async () => {
    const own = scripted([{ body: tokens(2), end: 'hang' }])
    const other = scripted([{ body: [...tokens(3), doneEvent()] }])
    void other.client.start('/chat')
    await other.clock.advance(0)
    let start: () => void = () => {}
    const panel = (source: ClientSource) => (
      <StrictMode>
        <ReactPanel
          source={source}
          onStream={(stream) => {
            start = () => void stream.startStream('/chat')
          }}
        />
      </StrictMode>
    )
    const { container, rerender } = render(panel(own.options))
    start()
    await own.clock.advance(20)
    expect(fieldOf(container, 'text')).toBe('t0 t1 ')
    rerender(panel(other.client))
    expect(fieldOf(container, 'text')).toBe('t0 t1 t2 ')
    expect(own.requests.map((request) => request.isAborted)).toEqual([true])
  })
})

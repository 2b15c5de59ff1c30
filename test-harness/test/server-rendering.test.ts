import type { ClientSource } from '@agent-stream/core'
import { settle } from '@agent-stream/core/testing'
import { createElement, StrictMode } from 'react'
import { renderToString as renderReact } from 'react-dom/server'
import { render as renderSvelte } from 'svelte/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSSRApp } from 'vue'
import { renderToString as renderVue } from 'vue/server-renderer'

import { scripted } from './binding-client.ts'
import { ReactPanel, ReactSelection } from './fixtures/react-panel.tsx'
import { countSubscriptions, tokens } from './fixtures/stream.ts'
import { svelteServerComponent } from './fixtures/svelte-server-component.ts'
import { VuePanel, VueSelection } from './fixtures/vue-panel.ts'

type Props = Readonly<Record<string, unknown>>

interface ServerBinding {
  readonly name: string
  readonly panel: (source: ClientSource) => string | Promise<string>
  /** Given `client` and `select`. */
  readonly selection: (props: Props) => string | Promise<string>
}

const bindings: readonly ServerBinding[] = [
  {
    name: 'React',
    panel: (source) => renderReact(createElement(StrictMode, null, createElement(ReactPanel, { source }))),
    selection: (props) => renderReact(createElement(ReactSelection, props as never)),
  },
  {
    name: 'Vue',
    panel: (source) => renderVue(createSSRApp(VuePanel, { source: () => source })),
    selection: (props) => renderVue(createSSRApp(VueSelection, props)),
  },
  ...['runes', 'store'].map((face) => ({
    name: `Svelte (${face})`,
    panel: (source: ClientSource) => svelteHtml(`svelte-${face}-panel.svelte`, { source }),
    selection: (props: Props) => svelteHtml(`svelte-${face}-selection.svelte`, props),
  })),
]

function svelteHtml(file: string, props: Record<string, unknown>): string {
  return renderSvelte(svelteServerComponent(file), { props }).body
}

describe.each(bindings)('$name on a server', ({ panel, selection }) => {
  beforeEach(() => {
    vi.spyOn(console, 'error')
    vi.spyOn(console, 'warn')
  })

  afterEach(() => {
    expect(console.error).not.toHaveBeenCalled()
    expect(console.warn).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })

  it('renders the idle state of a client of its own, and requests nothing', async () => {
    const { options, requests, clock } = scripted([{}])
    const html = await panel(options)
    expect(html).toContain('<dd data-field="status">idle</dd>')
    await clock.advance(60_000)
    expect(requests).toEqual([])
    expect(clock.pendingCount).toBe(0)
  })

  it('renders the current state of a client that it is given, and leaves it running', async () => {
    const { client, clock, requests } = scripted([{ body: tokens(3, 200), end: 'hang' }])
    void client.start('/chat')
    await clock.advance(250)
    const html = await panel(client)
    expect(html).toContain('<dd data-field="status">streaming</dd>')
    expect(html).toContain('<dd data-field="text">t0 t1 </dd>')
    expect(requests.map((request) => request.isAborted)).toEqual([false])
  })

  it('renders what a selector takes', async () => {
    const { client, clock } = scripted([{ body: tokens(1), end: 'hang' }])
    void client.start('/chat')
    await clock.advance(0)
    expect(await selection({ client, select: textAndStatus })).toContain('t0 /streaming')
  })

  it('leaves no subscription', async () => {
    const { client } = scripted([])
    const subscriptions = countSubscriptions(client)
    await panel(client)
    await selection({ client, select: textAndStatus })
    await settle()
    expect(subscriptions()).toBe(0)
  })
})

function textAndStatus({ text, status }: { readonly text: string; readonly status: string }): string {
  return `${text}/${status}`
}

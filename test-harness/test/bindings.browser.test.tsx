import { AgentStreamClient, systemClock } from '@agent-stream/core'
import { scriptedFetch } from '@agent-stream/core/testing'
import { render as renderReact } from '@testing-library/react'
import { render as renderSvelte } from '@testing-library/svelte'
import { render as renderVue } from '@testing-library/vue'
import { expect, it } from 'vitest'

import { ReactPanel } from './fixtures/react-panel.tsx'
import { doneEvent, tokens, toolResult, toolUse } from './fixtures/stream.ts'
import RunesPanel from './fixtures/svelte-runes-panel.svelte'
import StorePanel from './fixtures/svelte-store-panel.svelte'
import { VuePanel } from './fixtures/vue-panel.ts'

it('shows one stream in React, Vue and Svelte side by side, in real time', async () => {
  const body = [toolUse('t1', 'search'), ...tokens(50, 4), toolResult('t1', 'search'), doneEvent()]
  const { fetch } = scriptedFetch([{ body }], systemClock)
  const client = new AgentStreamClient({ fetch })
  let renders = 0
  const roots = [
    renderReact(<ReactPanel source={client} onRender={() => renders++} />).container,
    renderVue(VuePanel, { props: { source: () => client } }).container,
    renderSvelte(RunesPanel, { props: { source: client } }).container,
    renderSvelte(StorePanel, { props: { source: client } }).container,
  ]
  const fields = (name: string) =>
    new Set(roots.map((root) => root.querySelector(`[data-field=${name}]`)?.textContent))

  const run = client.start('/chat')
  await expect.poll(() => fields('badges')).toEqual(new Set(['search']))
  expect(await run).toMatchObject({ status: 'done', outcome: 'complete' })
  await expect.poll(() => fields('status')).toEqual(new Set(['done']))
  expect(fields('badges')).toEqual(new Set(['']))
  expect(fields('text')).toEqual(new Set([client.getSnapshot().text]))
  expect(client.getSnapshot().text).toContain('t49 ')
  expect(renders).toBeLessThan(30)
})

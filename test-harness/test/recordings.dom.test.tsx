import { AgentStreamClient, type ClientSource } from '@agent-stream/core'
import { settle } from '@agent-stream/core/testing'
import { applyPatch } from '@agent-stream/protocol/json-patch'
import { render as renderReact } from '@testing-library/react'
import { render as renderSvelte } from '@testing-library/svelte'
import { render as renderVue } from '@testing-library/vue'
import { describe, expect, it } from 'vitest'

import { type Fault, type RecordedSession, replay, runRecording } from '../src/index.ts'
import { VirtualClock } from '../src/virtual-clock.ts'
import { type PanelStream, panelFields } from './fixtures/panel.ts'
import { ReactPanel } from './fixtures/react-panel.tsx'
import { allSessions, runLog } from './fixtures/sessions.ts'
import SveltePanel from './fixtures/svelte-runes-panel.svelte'
import SvelteStorePanel from './fixtures/svelte-store-panel.svelte'
import { VuePanel } from './fixtures/vue-panel.ts'

type Mount = (
  source: ClientSource,
  onStream: (stream: PanelStream) => void,
) => { readonly container: Element; readonly unmount: () => void }

const MOUNTS: Readonly<Record<string, Mount>> = {
  React: (source, onStream) => renderReact(<ReactPanel source={source} onStream={onStream} />),
  Vue: (source, onStream) => {
    const { container, unmount } = renderVue(VuePanel, { props: { source: () => source, onStream } })
    return { container, unmount }
  },
  'Svelte (runes)': (source, onStream) => renderSvelte(SveltePanel, { props: { source, onStream } }),
  'Svelte (store)': (source, onStream) => renderSvelte(SvelteStorePanel, { props: { source, onStream } }),
}

/** What a panel shows at the end of a session that it started itself, and that took its time. */
async function finalView(
  mount: Mount,
  session: RecordedSession,
  faults: readonly Fault[] = [],
): Promise<Readonly<Record<string, string>>> {
  const clock = new VirtualClock()
  const fetch = replay(session, { clock, faults })
  const client = new AgentStreamClient({ clock, fetch, applyPatch, random: () => 0 })
  let stream: PanelStream | undefined
  const { container, unmount } = mount(client, (given) => {
    stream = given
  })
  const result = stream?.startStream('/replay')
  await clock.run(() => client.getSnapshot().isDone, 3_600_000)
  expect(await result).toHaveProperty('outcome')
  await settle()
  const fields = [...container.querySelectorAll<HTMLElement>('[data-field]')]
  const view = Object.fromEntries(fields.map((field) => [field.dataset.field ?? '', field.textContent ?? '']))
  unmount()
  return view
}

describe.each(Object.entries(MOUNTS))('%s', { timeout: 30_000 }, (_, mount) => {
  it.each(allSessions)('ends in the view that every binding ends in, with %s', async (_, session) => {
    const { final } = await runRecording(session)
    // `panelFields` reads the snapshot only.
    const expected = Object.fromEntries(panelFields(final as PanelStream))
    expect(await finalView(mount, session)).toEqual(expected)
  })

  it('ends in the same view when the connection is lost again and again', async () => {
    const faults: Fault[] = [{ type: 'cut', afterEvents: 3, request: 'every' }]
    const broken = await finalView(mount, runLog, faults)
    expect(broken).toEqual(await finalView(mount, runLog))
    expect(broken.text).toContain('your lamp ships today')
  })
})

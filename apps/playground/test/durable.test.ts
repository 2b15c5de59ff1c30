import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Playground, startPlayground } from './playground.ts'
import {
  CLIENTS,
  ended,
  launch,
  type OpenOptions,
  open,
  panel,
  panels,
  ready,
  soon,
  whole,
} from './screens.ts'

const WHOLE = { ...whole('repository-question'), pill: 'Done · complete', error: '', question: '' }

let playground: Playground
let browser: Browser

beforeAll(async () => {
  ;[playground, browser] = await Promise.all([startPlayground(), launch()])
})

afterAll(async () => {
  await browser?.close()
  await playground?.[Symbol.asyncDispose]()
})

describe.concurrent.each(CLIENTS)('three panels of a durable run, clients: %s', (clients) => {
  const runs = clients === 'shared' ? 1 : 3
  const openHere = (options: Partial<OpenOptions> = {}) =>
    open(browser, { url: playground.url, clients, ...options })

  it('play a recording to its end', async () => {
    await using opened = await openHere()
    const { page, requests } = opened
    await page.getByTestId('play').click()
    expect(await ended(page)).toMatchObject(WHOLE)
    expect(requests.map(({ method }) => method)).toEqual(Array(runs).fill('POST'))
  })

  it('split every byte: nothing is lost', async () => {
    await using opened = await openHere({ speed: 200 })
    const { page } = opened
    await page.getByTestId('fault-split-bytes').click()
    expect(await ended(page)).toMatchObject(WHOLE)
  })

  it('drop mid-stream: the rest is asked for, and nothing starts afresh', async () => {
    await using opened = await openHere({ speed: 60 })
    const { page, requests } = opened
    await page.getByTestId('fault-drop').click()
    expect(await ended(page)).toMatchObject(WHOLE)
    const asked = requests.filter(({ method }) => method === 'GET')
    expect(asked.map(({ after }) => after)).toEqual(Array(runs).fill('97'))
  })

  it('drop every time: each connection gets further', async () => {
    await using opened = await openHere({ speed: 200 })
    const { page, requests } = opened
    await page.getByTestId('fault-drop-always').click()
    expect(await ended(page)).toMatchObject(WHOLE)
    const asked = requests.flatMap(({ after }) => (after === undefined ? [] : Number(after)))
    expect(new Set(asked)).toEqual(new Set([29, 58, 87, 116, 145]))
    expect(asked).toHaveLength(5 * runs)
  })

  it('close without done: the rest is asked for', async () => {
    await using opened = await openHere()
    const { page, requests } = opened
    await page.getByTestId('fault-close-without-done').click()
    expect(await ended(page)).toMatchObject(WHOLE)
    expect(requests.filter(({ method }) => method === 'GET')).toHaveLength(runs)
  })

  it('HTTP 403: one error, one request', async () => {
    await using opened = await openHere()
    const { page, requests } = opened
    await page.getByTestId('fault-http-403').click()
    expect(await ended(page)).toMatchObject({
      status: 'error',
      text: '',
      error: 'http_error You may not run this agent. (The playground refused on purpose.)',
    })
    expect(requests).toHaveLength(runs)
  })

  it('result before use: every tool ends', async () => {
    await using opened = await openHere({ recording: 'parallel-tools' })
    const { page } = opened
    await page.getByTestId('fault-result-before-use').click()
    expect(await ended(page)).toMatchObject(whole('parallel-tools'))
  })

  it('stop: the screen ends at once, and the server’s run with it', async () => {
    await using opened = await openHere({ speed: 1 })
    const { page } = opened
    await page.getByTestId('play').click()
    await page.getByTestId('thinking').first().waitFor({ state: 'attached' })
    const href = await page.getByTestId('follow').getAttribute('href')
    await page.getByTestId('stop-all').click()
    for (const shown of await panels(page)) expect(shown).toMatchObject({ pill: 'Stopped', error: '' })
    const runIds = new URL(href ?? '', playground.url).searchParams.get('run')?.split(',') ?? []
    expect(runIds).toHaveLength(runs)
    for (const runId of runIds)
      await soon(async () => {
        const run = await (await fetch(`${playground.url}/runs/${runId}`)).json()
        expect(run).toMatchObject({ status: 'ended', outcome: 'stopped' })
      })
  })

  it('reload: the run is there again, from its first word', async () => {
    await using opened = await openHere({ speed: 2 })
    const { page, requests } = opened
    await page.getByTestId('play').click()
    await soon(async () => expect((await panels(page)).every(({ text }) => text.length > 20)).toBe(true))
    await page.reload()
    await ready(page)
    expect(await ended(page)).toMatchObject(WHOLE)
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(runs)
    // What has ended is not followed again.
    await page.reload()
    await ready(page)
    expect((await panels(page)).map(({ status }) => status)).toEqual(['idle', 'idle', 'idle'])
  })

  it('a second window: it shows the same, and an answer there is an answer here', async () => {
    await using first = await openHere({ ask: 'approval', speed: 10 })
    await first.page.getByTestId('play').click()
    await soon(async () =>
      expect((await panels(first.page)).map(({ question }) => question)).toEqual(
        Array(3).fill('May I use ask_question?'),
      ),
    )
    const href = await first.page.getByTestId('follow').getAttribute('href')
    await using second = await open(browser, { url: new URL(href ?? '', playground.url).href })
    await soon(async () =>
      expect((await panels(second.page)).map(({ pill }) => pill)).toEqual(Array(3).fill('Waiting for you')),
    )
    for (const framework of clients === 'shared' ? ['vue'] : ['react', 'vue', 'svelte'])
      await panel(second.page, framework).getByRole('button', { name: 'Yes' }).click()
    expect(await ended(first.page)).toMatchObject(WHOLE)
    expect(await ended(second.page)).toMatchObject(WHOLE)
  })
})

describe.concurrent('a durable run', () => {
  const openHere = (options: Partial<OpenOptions> = {}) => open(browser, { url: playground.url, ...options })

  it.each(['react', 'vue', 'svelte'])('is answered from %s, also with a choice', async (framework) => {
    await using opened = await openHere({ ask: 'choice', speed: 10, recording: 'crossing' })
    const { page } = opened
    await page.getByTestId('play').click()
    await panel(page, framework).getByRole('button', { name: 'Stop here' }).click()
    const shown = await ended(page)
    expect(shown).toMatchObject({ pill: 'Done · complete', question: '' })
    expect(shown.text).toMatch(/Then I stop here, as you wish\.$/)
  })

  it('says what became of an answer that came too late', async () => {
    await using opened = await openHere({ ask: 'approval', speed: 10 })
    const { page } = opened
    await page.getByTestId('play').click()
    await page.getByTestId('question').first().waitFor()
    // The answer of another window, which this one has not heard of when it answers itself.
    await page.route('**/input', async (route) => {
      const { url, body } = { url: route.request().url(), body: { input_id: 'approval', answer: false } }
      const headers = { 'content-type': 'application/json' }
      await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      await route.continue()
    })
    await panel(page, 'react').getByRole('button', { name: 'Yes' }).click()
    await soon(async () =>
      expect(await page.getByTestId('note').textContent()).toMatch(/^The answer was not taken: .*otherwise/),
    )
    expect((await ended(page)).text).toMatch(/Then I stop here, as you wish\.$/)
  })

  it('lists how it went on', async () => {
    await using opened = await openHere({ speed: 60 })
    const { page } = opened
    await page.getByTestId('fault-drop').click()
    await ended(page)
    const rows = page.getByTestId('log').getByRole('listitem')
    await soon(async () => expect(await rows.count()).toBe(6))
    expect((await rows.allTextContents()).map((row) => row.replace(/^[\d.]+ s/, ''))).toEqual([
      'Request sent',
      'The stream is open',
      expect.stringMatching(/^The connection was lost.*\. Resuming in 1\.\d s$/),
      'Asked for what comes after event 97',
      'The stream is open',
      'Done · complete',
    ])
  })

  it('has no second window before there is a run, and none for a plain stream', async () => {
    await using opened = await openHere({ runs: 'plain' })
    const { page } = opened
    const follow = page.getByTestId('follow')
    expect(await follow.getAttribute('href')).toBeNull()
    await page.getByTestId('play').click()
    await ended(page)
    expect(await follow.getAttribute('href')).toBeNull()
    expect(await page.getByLabel('Approval').isDisabled()).toBe(true)
  })
})

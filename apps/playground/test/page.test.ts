import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Playground, startPlayground } from './playground.ts'
import {
  CLIENTS,
  ended,
  launch,
  notePills,
  type OpenOptions,
  open,
  panel,
  panels,
  soon,
  whole,
} from './screens.ts'

let playground: Playground
let browser: Browser

beforeAll(async () => {
  ;[playground, browser] = await Promise.all([startPlayground(), launch()])
})

afterAll(async () => {
  await browser?.close()
  await playground?.[Symbol.asyncDispose]()
})

describe.concurrent.each(CLIENTS)('three panels of a plain stream, clients: %s', (clients) => {
  const requestsPerAttempt = clients === 'shared' ? 1 : 3
  const openPlain = (options: Partial<OpenOptions> = {}) => openHere({ clients, runs: 'plain', ...options })

  it('play a recording to its end', async () => {
    await using opened = await openPlain()
    const { page } = opened
    await page.getByTestId('play').click()
    const shown = await ended(page)
    expect(shown).toMatchObject({ ...whole('repository-question'), pill: 'Done · complete', error: '' })
    expect(shown.progress).toBe('100')
    expect(shown.turn).toBe('Turn 2')
  })

  it('split every byte: nothing is lost', async () => {
    await using opened = await openPlain({ speed: 200 })
    const { page } = opened
    await page.getByTestId('fault-split-bytes').click()
    expect(await ended(page)).toMatchObject({ ...whole('repository-question'), pill: 'Done · complete' })
  })

  it('drop mid-stream: the request is repeated, and the text is not doubled', async () => {
    await using opened = await openPlain({ speed: 60 })
    const { page, requests } = opened
    const pills = await notePills(page)
    await page.getByTestId('fault-drop').click()
    expect(await ended(page)).toMatchObject({ ...whole('repository-question'), pill: 'Done · complete' })
    for (const texts of await pills())
      expect(texts).toContainEqual(expect.stringMatching(/^Retry 1 of 3 in 1\.\d s/))
    expect(requests).toHaveLength(2 * requestsPerAttempt)
    // The same key on each attempt, another for each run.
    expect(new Set(requests.map((request) => request.key)).size).toBe(requestsPerAttempt)
  })

  it('close without done: truncated, and nothing keeps running', async () => {
    await using opened = await openPlain()
    const { page, requests } = opened
    await page.getByTestId('fault-close-without-done').click()
    const shown = await ended(page)
    const { text } = whole('repository-question')
    expect(shown).toMatchObject({
      status: 'synthetic-done',
      outcome: 'truncated',
      pill: 'No done · truncated',
    })
    expect(text.startsWith(shown.text)).toBe(true)
    expect(shown.text.length).toBeLessThan(text.length)
    expect(requests).toHaveLength(requestsPerAttempt)
  })

  it('close without done while a tool runs: the tool gets no result', async () => {
    await using opened = await openPlain({ recording: 'web-searches' })
    const { page } = opened
    await page.getByTestId('fault-close-without-done').click()
    const shown = await ended(page)
    expect(shown.outcome).toBe('truncated')
    expect(shown.tools.at(-1)).toEqual({ name: 'web_search', status: 'incomplete' })
  })

  it('HTTP 403: one error, one request', async () => {
    await using opened = await openPlain()
    const { page, requests } = opened
    await page.getByTestId('fault-http-403').click()
    expect(await ended(page)).toMatchObject({
      status: 'error',
      outcome: 'failed',
      text: '',
      tools: [],
      error: 'http_error You may not run this agent. (The playground refused on purpose.)',
    })
    await page.waitForTimeout(300)
    expect(requests).toHaveLength(requestsPerAttempt)
  })

  it.each(['repository-question', 'parallel-tools'])(
    'result before use in %s: every tool ends',
    async (recording) => {
      await using opened = await openPlain({ recording })
      const { page } = opened
      await page.getByTestId('fault-result-before-use').click()
      const shown = await ended(page)
      expect(shown).toMatchObject({ ...whole(recording), pill: 'Done · complete' })
      expect(shown.tools.every(({ status }) => status === 'done')).toBe(true)
    },
  )

  it('stop: all three end at once with what they have', async () => {
    await using opened = await openPlain({ speed: 1, recording: 'list-files' })
    const { page } = opened
    await page.getByTestId('play').click()
    await page.getByTestId('thinking').first().waitFor({ state: 'attached' })
    await page.getByTestId('stop-all').click()
    for (const shown of await panels(page))
      expect(shown).toMatchObject({ status: 'stopped', outcome: 'stopped', pill: 'Stopped', error: '' })
    expect(
      await page.getByTestId('stop').evaluateAll((all) => all.every((stop) => stop.matches(':disabled'))),
    ).toBe(true)
  })

  it('another run starts afresh', async () => {
    await using opened = await openPlain()
    const { page } = opened
    await page.getByTestId('fault-http-403').click()
    await ended(page)
    await page.getByTestId('play').click()
    expect(await ended(page)).toMatchObject({ ...whole('repository-question'), error: '' })
  })
})

describe.concurrent('the page', () => {
  it('stops a shared client from any panel, an own one from its own', async () => {
    await using opened = await openHere({ runs: 'plain', clients: 'shared', speed: 1 })
    const { page } = opened
    await page.getByTestId('play').click()
    await panel(page, 'vue').getByTestId('stop').click()
    expect((await panels(page)).map(({ status }) => status)).toEqual(['stopped', 'stopped', 'stopped'])

    await page.getByText('One each').click()
    await soon(async () =>
      expect((await panels(page)).map(({ status }) => status)).toEqual(['idle', 'idle', 'idle']),
    )
    await page.getByTestId('play').click()
    await panel(page, 'svelte').getByTestId('stop').click()
    expect((await panels(page)).map(({ status }) => status)).toEqual(['streaming', 'streaming', 'stopped'])
  })

  it('shows a running tool while it runs, in all three', async () => {
    await using opened = await openHere({
      runs: 'plain',
      clients: 'shared',
      speed: 0.6,
      recording: 'parallel-tools',
    })
    const { page } = opened
    await page.getByTestId('play').click()
    const running = page.locator('[data-testid="tool"][data-status="running"]')
    const animations = () =>
      running.evaluateAll((tools) => tools.map((tool) => getComputedStyle(tool, '::before').animationName))
    await soon(async () => expect(await animations()).toEqual(Array.from({ length: 6 }, () => 'spin')))
  })

  it('plays slow, normal and fast', async () => {
    await using opened = await openHere({ clients: 'shared', speed: 1 })
    const { page, requests } = opened
    for (const speed of ['Slow', 'Normal', 'Fast']) {
      await page.getByText(speed, { exact: true }).click()
      await page.getByTestId('play').click()
    }
    expect((await ended(page)).outcome).toBe('complete')
    expect(requests.map(({ body }) => (body as { speed: number }).speed)).toEqual([0.35, 1, 8])
    expect(new URL(page.url()).search).toBe('?recording=repository-question&speed=8&clients=shared')
  })

  it('lists what happened to each client', async () => {
    await using opened = await openHere({ runs: 'plain', clients: 'own', speed: 60 })
    const { page } = opened
    await page.getByTestId('fault-drop').click()
    await ended(page)
    const rows = page.getByTestId('log').getByRole('listitem')
    await soon(async () => expect(await rows.count()).toBe(18))
    const svelte = (await rows.allTextContents()).filter((row) => row.includes('Svelte'))
    expect(svelte.map((row) => row.replace(/^.*Svelte/, ''))).toEqual([
      'Request sent',
      'The stream is open',
      expect.stringMatching(/^The connection was lost.*\. Retry 1 of 3 in 1\.\d s$/),
      'Request repeated, attempt 2',
      'The stream is open',
      'Done · complete',
    ])
  })

  it('gives up after three retries that get no further', async () => {
    await using opened = await openHere({ runs: 'plain', clients: 'shared', speed: 1000 })
    const { page, requests } = opened
    await page.getByTestId('fault-drop-always').click()
    const shown = await ended(page)
    expect(shown.error).toMatch(/^network_error The connection was lost/)
    expect(shown.text.length).toBeGreaterThan(0)
    expect(requests).toHaveLength(4)
  })

  it('offers no tool fault where there are no tools', async () => {
    await using opened = await openHere({ runs: 'plain', clients: 'shared', recording: 'crossing' })
    const { page } = opened
    expect(await page.getByTestId('fault-result-before-use').isDisabled()).toBe(true)
    await page.getByTestId('recording').selectOption('sub-agent')
    expect(await page.getByTestId('fault-result-before-use').isEnabled()).toBe(true)
  })

  it('follows the system’s theme until the button is pressed, and then remembers', async () => {
    await using opened = await openHere({ runs: 'plain', clients: 'shared' })
    const { page } = opened
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const light = await background()
    await page.emulateMedia({ colorScheme: 'dark' })
    await soon(async () => expect(await background()).not.toBe(light))
    await page.getByTestId('theme').click()
    expect(await background()).toBe(light)
    await page.reload()
    expect(await background()).toBe(light)
  })

  it('fits a phone', async () => {
    await using opened = await openHere({
      runs: 'plain',
      clients: 'shared',
      viewport: { width: 360, height: 740 },
    })
    const { page } = opened
    await page.getByTestId('play').click()
    await ended(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
  })
})

function openHere(options: Partial<OpenOptions>) {
  return open(browser, { url: playground.url, ...options })
}

import type { RunState } from '@agent-stream/protocol'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Playground, startPlayground } from './playground.ts'
import { CLIENTS, ended, launch, open, panel, panels, ready, soon, whole } from './screens.ts'

const WHOLE = { ...whole('repository-question'), pill: 'Done · complete', error: '', question: '' }

let browser: Browser

beforeAll(async () => {
  browser = await launch()
})

afterAll(() => browser?.close())

describe.each([
  ['a file', []],
  ['Redis', ['--redis']],
])('a run whose log is in %s', (_, args) => {
  let playground: Playground

  beforeAll(async () => {
    playground = await startPlayground({ args })
  })

  afterAll(() => playground?.[Symbol.asyncDispose]())

  it.each(CLIENTS)(
    'outlives its server, its page and its window, and every screen shows the same: clients %s',
    async (clients) => {
      await using first = await open(browser, { url: playground.url, clients, ask: 'approval', speed: 2 })
      const { page, requests } = first
      await page.getByTestId('play').click()
      await soon(async () => expect((await panels(page)).every(({ thinking }) => thinking !== '')).toBe(true))

      // In the middle of a thought.
      await kill()
      await page.reload()
      await ready(page)
      await soon(async () => expect(await questions()).toEqual(Array(3).fill('May I use ask_question?')))

      const href = (await page.getByTestId('follow').getAttribute('href')) ?? ''
      const runIds = new URL(href, playground.url).searchParams.get('run')?.split(',') ?? []
      await using second = await open(browser, { url: new URL(href, playground.url).href })
      const { page: other } = second
      // Of its own server, where there are two.
      const asked = other.waitForRequest((request) => request.url().endsWith('/input'))
      for (const framework of clients === 'shared' ? ['svelte'] : ['react', 'vue', 'svelte'])
        await panel(other, framework).getByRole('button', { name: 'Yes' }).click()
      expect(new URL((await asked).url()).origin).toBe(playground.secondUrl ?? playground.url)

      // In the middle of the answer.
      await soon(async () => expect((await panels(page)).every(({ text }) => text !== '')).toBe(true))
      await kill()

      expect(await ended(page)).toMatchObject(WHOLE)
      expect(await ended(other)).toMatchObject(WHOLE)
      expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(runIds.length)
      for (const runId of runIds) {
        const run = (await (await fetch(`${playground.url}/runs/${runId}`)).json()) as { state: RunState }
        const { text, thinking, outcome } = WHOLE
        expect(run.state).toMatchObject({ text, thinking, outcome, reconciled: true, seq: { gaps: [] } })
      }

      async function kill(): Promise<void> {
        await page.getByTestId('kill').click()
        await page.getByText('up again after').waitFor()
      }

      async function questions(): Promise<string[]> {
        return (await panels(page)).map(({ question }) => question)
      }
    },
  )
})

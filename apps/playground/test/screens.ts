import { createFold, type RunState } from '@agent-stream/protocol'
import { type Browser, chromium, type Locator, type Page } from 'playwright'
import { expect, vi } from 'vitest'
import { loadCatalogue } from '../server/catalogue.ts'

const FRAMEWORKS = ['react', 'vue', 'svelte']
export const CLIENTS = ['shared', 'own'] as const

/** What a panel shows, as a person reads it. */
export interface Shown {
  readonly framework: string
  readonly status: string | null
  readonly outcome: string | null
  readonly pill: string
  readonly text: string
  readonly thinking: string
  readonly tools: readonly { name: string; status: string | null }[]
  readonly turn: string
  readonly progress: string | null
  readonly question: string
  readonly error: string
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
  })
}

export interface Opened extends AsyncDisposable {
  readonly page: Page
  /** The requests for a stream so far, by their method. */
  readonly requests: { method: string; key: string | undefined; after: string | undefined; body: unknown }[]
}

export interface OpenOptions {
  /** The address, or the origin that the other options are put behind. */
  readonly url: string
  readonly clients?: (typeof CLIENTS)[number]
  readonly runs?: 'durable' | 'plain'
  readonly ask?: 'none' | 'approval' | 'choice'
  readonly speed?: number
  readonly recording?: string
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly colorScheme?: 'light' | 'dark'
}

/** A window of its own, with nothing stored. */
export async function open(
  browser: Browser,
  {
    url,
    clients = 'shared',
    runs = 'durable',
    ask = 'none',
    speed = 20,
    recording = 'repository-question',
    viewport = { width: 1280, height: 900 },
    colorScheme = 'light',
  }: OpenOptions,
): Promise<Opened> {
  const context = await browser.newContext({ colorScheme, viewport })
  const page = await context.newPage()
  const requests: Opened['requests'] = []
  page.on('request', (request) => {
    const method = request.method()
    if (!/\/(api\/stream|runs|events)$/.test(new URL(request.url()).pathname) || method === 'OPTIONS') return
    const { 'idempotency-key': key, 'last-event-id': after } = request.headers()
    requests.push({ method, key, after, body: request.postDataJSON() })
  })
  page.on('pageerror', (error) => {
    throw error
  })
  const query = new URLSearchParams({ recording, speed: String(speed), clients, runs, ask })
  await page.goto(url.includes('?') ? url : `${url}/?${query}`)
  await ready(page)
  return { page, requests, [Symbol.asyncDispose]: () => context.close() }
}

/** Waits until the panels are there. */
export function ready(page: Page): Promise<void> {
  return page.locator('[data-testid="play"]:enabled').waitFor()
}

export function panel(page: Page, framework: string): Locator {
  return page.locator(`[data-framework="${framework}"]`)
}

export function panels(page: Page): Promise<Shown[]> {
  return page.evaluate(
    (frameworks) =>
      frameworks.map((framework) => {
        const root = document.querySelector(`[data-framework="${framework}"]`) as Element
        const find = (id: string) => root.querySelector(`[data-testid="${id}"]`)
        const read = (id: string) => find(id)?.textContent?.trim().replace(/\s+/g, ' ') ?? ''
        return {
          framework,
          status: find('status')?.getAttribute('data-status') ?? null,
          outcome: find('status')?.getAttribute('data-outcome') ?? null,
          pill: read('status'),
          text: find('text')?.textContent ?? '',
          thinking: find('thinking')?.textContent ?? '',
          tools: [...root.querySelectorAll('[data-testid="tool"]')].map((tool) => ({
            name: tool.querySelector('.tool-name')?.textContent ?? '',
            status: tool.getAttribute('data-status'),
          })),
          turn: read('turn'),
          progress: find('progress')?.getAttribute('aria-valuenow') ?? null,
          question: find('question')?.querySelector('legend')?.textContent ?? '',
          error: read('error'),
        }
      }),
    FRAMEWORKS,
  )
}

/** Notes what the pills say from now on: what is shown for a moment may be gone before anyone looks. */
export async function notePills(page: Page): Promise<() => Promise<string[][]>> {
  const notes = await page.evaluateHandle((frameworks) => {
    const notes = frameworks.map(() => [] as string[])
    const note = () => {
      for (const [i, framework] of frameworks.entries()) {
        const pill = document.querySelector(`[data-framework="${framework}"] [data-testid="status"]`)
        const text = pill?.textContent?.trim().replace(/\s+/g, ' ') ?? ''
        if (notes[i]?.at(-1) !== text) notes[i]?.push(text)
      }
    }
    new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true })
    return notes
  }, FRAMEWORKS)
  return () => notes.jsonValue()
}

/** Waits for as long as a busy machine may need. */
export function soon(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000, interval: 40 })
}

/** What all three show once their runs have ended. */
export async function ended(page: Page): Promise<Shown> {
  await soon(async () => {
    const statuses = (await panels(page)).map(({ status }) => status)
    for (const status of statuses) expect(status).not.toMatch(/^(idle|streaming|retrying)$/)
  })
  const shown = await panels(page)
  const [first, ...others] = shown.map(({ framework: _, ...rest }) => rest)
  for (const other of others) expect(other).toEqual(first)
  expect(first?.tools.filter(({ status }) => status === 'running')).toEqual([])
  return shown[0] as Shown
}

/** What a recording adds up to when it is read as a whole. */
export function whole(id: string) {
  const fold = createFold()
  for (const { event } of loadCatalogue().get(id)?.events ?? []) fold.apply(event)
  const { text, thinking, tools, outcome }: RunState = fold.snapshot()
  return {
    status: 'done',
    outcome,
    text,
    thinking,
    tools: tools.map(({ name, status }) => ({ name, status })),
  }
}

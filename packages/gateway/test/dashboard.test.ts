import type { RequestListener } from 'node:http'

import { type Browser, chromium } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportedCalls } from './support/calls.ts'
import { bodyOf, fakeApi } from './support/fake-api.ts'
import { startGateway } from './support/gateway.ts'
import { messagesOf, streamNamed } from './support/streams.ts'

const TOKEN = 'the token of the page'
const [HEAD = '', ...REST] = messagesOf(streamNamed('openai-chat', 'pair-parallel-tools-turn2'))

let browser: Browser

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
  })
}, 60_000)

afterAll(() => browser?.close())

/** `/stay` begins an answer and never ends it; `/refuse` refuses. */
const api: RequestListener = async (request, response) => {
  await bodyOf(request)
  if (request.url?.includes('refuse')) {
    response.writeHead(429, { 'content-type': 'application/json' })
    response.end('{"error": {"message": "Slow down"}}')
    return
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(HEAD + REST[0])
  if (!request.url?.includes('stay')) response.end(REST.slice(1).join(''))
}

const ask = (url: string, path: string) =>
  fetch(url + path, { method: 'POST', body: JSON.stringify({ model: 'gpt-4o-mini', stream: true }) })

async function openPage(url: string, options: Parameters<Browser['newContext']>[0] = {}) {
  const context = await browser.newContext({
    httpCredentials: { username: 'any', password: TOKEN },
    ...options,
  })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  const foreign: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) foreign.push(request.url())
  })
  await page.goto(`${url}/debug/`)
  return { page, problems, foreign, [Symbol.asyncDispose]: () => context.close() }
}

describe('the dashboard', { timeout: 60_000 }, () => {
  it('shows calls as they come and go, and asks for nothing from elsewhere', async () => {
    const calls = reportedCalls()
    const { url: target } = await fakeApi(api)
    const { url } = await startGateway({ target, token: TOKEN, onCall: calls.onCall })
    await using opened = await openPage(url)
    const { page, problems, foreign } = opened
    await page.getByText('healthy').waitFor()
    expect(await page.locator('#calls-table + .empty').isVisible()).toBe(true)

    await (await ask(url, '/v1/chat/completions')).text()
    await (await ask(url, '/v1/refuse/chat/completions')).text()
    const staying = await ask(url, '/v1/stay/chat/completions')
    await calls.until(2)
    const rows = page.locator('#calls-table tbody tr')
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(2)
    expect(await rows.first().textContent()).toMatch(/refused[\s\S]*429[\s\S]*gpt-4o-mini/)
    expect(await rows.nth(1).textContent()).toMatch(/complete[\s\S]*gpt-4o-mini[\s\S]*\$0\.00/)
    const underWay = page.locator('#in-flight-table tbody tr')
    await expect.poll(() => underWay.count(), { timeout: 10_000 }).toBe(1)
    await expect.poll(() => page.locator('#in-flight').textContent()).toBe('1')
    await staying.body?.cancel()
    await expect.poll(() => underWay.count(), { timeout: 10_000 }).toBe(0)
    await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(3)
    expect(await page.locator('#ttft-chart canvas').count()).toBe(1)
    expect(problems).toEqual([])
    expect(foreign).toEqual([])
  })

  it('says why it is not healthy, and that the gateway is gone', async () => {
    const { url: target } = await fakeApi((_, response) => response.destroy())
    const calls = reportedCalls()
    const { url, gateway } = await startGateway({
      target,
      token: TOKEN,
      onCall: calls.onCall,
      thresholds: { minCalls: 1 },
    })
    await (await ask(url, '/v1/chat/completions')).text()
    await calls.until(1)
    await using opened = await openPage(url)
    const { page } = opened
    await page.getByText('1 of 1 calls failed or were cut off').waitFor()
    expect(await page.locator('#status').textContent()).toBe('degraded')
    await gateway.close(0)
    await page.getByText('offline').waitFor()
  })

  it.each([
    ['a phone', { viewport: { width: 360, height: 700 } }],
    ['the dark', { colorScheme: 'dark' as const }],
  ])('fits %s', async (_, options) => {
    const { url: target } = await fakeApi(api)
    const calls = reportedCalls()
    const { url } = await startGateway({ target, token: TOKEN, onCall: calls.onCall })
    await (await ask(url, '/v1/chat/completions')).text()
    await calls.until(1)
    await using opened = await openPage(url, options)
    const { page } = opened
    await page.locator('#calls-table tbody tr').first().waitFor()
    const { scroll, width, background } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      width: document.documentElement.clientWidth,
      background: getComputedStyle(document.body).backgroundColor,
    }))
    expect(scroll).toBeLessThanOrEqual(width)
    expect(background).toBe('colorScheme' in options ? 'rgb(18, 22, 28)' : 'rgb(246, 247, 249)')
  })
})

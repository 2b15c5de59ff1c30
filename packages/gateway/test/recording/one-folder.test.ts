import { createCassetteWriter, fileStore, replayFetch, systemClock } from '@agent-stream/cassette'
import {
  createComparators,
  liveAnswers,
  migrate,
  providerNamed,
  renderMarkdown,
} from '@agent-stream/cassette/migration'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'

import { runCommand } from '../../../cli/test/command.ts'
import { reportedCalls } from '../support/calls.ts'
import { bodyOf, fakeApi } from '../support/fake-api.ts'
import { startGateway } from '../support/gateway.ts'
import { messagesOf, streamNamed } from '../support/streams.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STREAM = streamNamed('openai-chat', 'pair-parallel-tools-turn2')

const ask = (client: OpenAI) =>
  client.chat.completions.create({
    model: 'gpt-4o-mini',
    stream: true,
    messages: [{ role: 'user', content: 'What is 2 + 3, and 2 * 3?' }],
  })

async function textOf(client: OpenAI): Promise<string> {
  let text = ''
  for await (const { choices } of await ask(client)) text += choices[0]?.delta.content ?? ''
  return text
}

describe('the folder of a gateway', { timeout: 60_000 }, () => {
  it('is read by replay and stats, answers an SDK, and makes a migration report', async () => {
    const folder = temporaryFolder()
    const calls = reportedCalls()
    const api = await fakeApi(async (request, response) => {
      await bodyOf(request)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const message of messagesOf(STREAM)) response.write(message)
      response.end()
    })
    const { url, gateway } = await startGateway({ target: api.url, record: { folder }, onCall: calls.onCall })
    const said = await textOf(new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-test' }))
    expect(said).toMatch(/^The sum/)
    await calls.until(1)
    await gateway.close()

    const replayed = await runCommand('replay', folder, '--speed', '0')
    const tokens = [...replayed.stdout.matchAll(/event: token\ndata: (.*)/g)]
    expect(tokens.map(([, data = '']) => JSON.parse(data).text).join('')).toBe(said)
    const stats = await runCommand('stats', folder, '--json')
    expect(JSON.parse(stats.stdout)).toMatchObject({ sessions: 1 })

    const store = fileStore(folder)
    const offline = replayFetch({ store })
    const client = new OpenAI({ baseURL: `${api.url}/v1`, apiKey: 'sk-other', fetch: offline })
    expect(await textOf(client)).toBe(said)

    const target = {
      model: 'gpt-4.1-mini',
      provider: providerNamed('openai'),
      apiKey: 'sk-test',
      baseUrl: `${api.url}/v1`,
    }
    const report = await migrate({
      store,
      corpusName: folder,
      target: { model: target.model, provider: 'openai' },
      answers: liveAnswers({
        store,
        writer: createCassetteWriter({ store }),
        target,
        fetch,
        clock: systemClock,
        random: Math.random,
      }),
      comparators: createComparators('exact,fuzzy'),
      generatedAt: '2026-01-02T00:00:00.000Z',
    })
    expect(report.rows).toMatchObject([{ status: 'compared' }])
    expect(renderMarkdown(report)).toMatch(/# Migration Report — gpt-4o-mini.* → gpt-4\.1-mini/)
  })
})

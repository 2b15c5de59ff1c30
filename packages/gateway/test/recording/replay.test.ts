import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { reportedCalls } from '../support/calls.ts'
import { bodyOf, fakeApi } from '../support/fake-api.ts'
import { startGateway } from '../support/gateway.ts'
import { messagesOf, streamNamed } from '../support/streams.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const STREAM = streamNamed('openai-chat', 'pair-parallel-tools-turn2')
const question = (content: string) => ({
  model: 'gpt-4o-mini',
  stream: true as const,
  messages: [{ role: 'user' as const, content }],
})

async function collect(url: string, content: string): Promise<unknown[]> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-other', maxRetries: 0 })
  const chunks: unknown[] = []
  for await (const chunk of await client.chat.completions.create(question(content))) chunks.push(chunk)
  return chunks
}

describe('a gateway that replays', { timeout: 30_000 }, () => {
  /** A folder with a call, and what its client was given. */
  async function recordedFolder() {
    const folder = temporaryFolder()
    const calls = reportedCalls()
    const api = await fakeApi(async (request, response) => {
      await bodyOf(request)
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' })
      for (const message of messagesOf(STREAM)) response.write(message)
      response.end()
    })
    const { url, gateway } = await startGateway({ target: api.url, record: { folder }, onCall: calls.onCall })
    const chunks = await collect(url, 'Hi')
    await calls.until(1)
    await gateway.close()
    return { folder, chunks }
  }

  it('answers as the API did, without it', async () => {
    const { folder, chunks } = await recordedFolder()
    const calls = reportedCalls()
    const { url } = await startGateway({ replay: { folder, speed: 10 }, onCall: calls.onCall })
    expect(await collect(url, 'Hi')).toEqual(chunks)
    expect(await calls.until(1)).toMatchObject([{ outcome: 'complete', requestModel: 'gpt-4o-mini' }])
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question('Hi')),
    })
    expect(answer.headers.get('x-request-id')).toBe('req_1')
    expect(await answer.text()).toBe(STREAM.toString())
  })

  it('says what is not recorded, and what comes nearest', async () => {
    const { folder } = await recordedFolder()
    const { url } = await startGateway({ replay: { folder, speed: 0 } })
    await expect(collect(url, 'Bye')).rejects.toMatchObject({ status: 404, code: 'not_recorded' })
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(question('Bye')),
    })
    const { error } = await answer.json()
    expect(error.message).toMatch(/No recording answers POST \/v1\/chat\/completions/)
    expect(error.message).toContain('agent-stream gateway --target')
    expect(error.message).toContain('The nearest is openai_gpt-4o-mini_')
  })
})

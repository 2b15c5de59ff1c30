import { readdirSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { observerThread } from '../src/observer-thread.ts'
import { reportedCalls } from './support/calls.ts'
import { bodyOf, fakeApi } from './support/fake-api.ts'
import { startGateway } from './support/gateway.ts'
import { streamNamed } from './support/streams.ts'
import { temporaryFolder } from './support/temporary-folder.ts'

const STREAM = streamNamed('openai-chat', 'pair-parallel-tools-turn2')

describe('an observer in its thread', { timeout: 60_000 }, () => {
  it('reports and records, also what came right before the end', async () => {
    const folder = temporaryFolder()
    const calls = reportedCalls()
    const api = await fakeApi(async (request, response) => {
      await bodyOf(request)
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM)
    })
    const { url, gateway } = await startGateway(
      { target: api.url, record: { folder }, onCall: calls.onCall },
      { startObserver: observerThread },
    )
    const ask = () =>
      fetch(`${url}/v1/chat/completions`, { method: 'POST', body: '{"model": "gpt-4o-mini"}' })
    for (let i = 0; i < 5; i++) expect(await (await ask()).text()).toBe(STREAM.toString())
    await gateway.close()
    expect(calls.reports).toHaveLength(5)
    expect(calls.reports[0]).toMatchObject({ outcome: 'complete', usage: { output: 26 } })
    expect(readdirSync(folder).filter((name) => name.endsWith('.json'))).toHaveLength(5)
  })
})

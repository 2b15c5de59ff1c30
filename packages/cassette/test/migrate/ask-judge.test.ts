import { describe, expect, it } from 'vitest'

import { systemClock } from '../../src/clock.ts'
import { askJudge } from '../../src/migrate/ask-judge.ts'
import { liveCalls } from '../../src/migrate/kept-calls.ts'
import { createCassetteWriter } from '../../src/record/cassette-writer.ts'
import { memoryStore } from '../../src/store/memory-store.ts'

const question = {
  model: 'claude-opus-4-8',
  conversation: { system: null, messages: [{ role: 'user', content: 'Equivalent?' }] },
  key: 'judge__claude-opus-4-8__0',
} as const

/** A judge that says one reply after another. */
function judging(...replies: string[]) {
  const store = memoryStore()
  const left = [...replies]
  const fetch = async () => {
    const content = [{ type: 'text', text: left.shift() }]
    const body = { type: 'message', id: 'm', model: 'judge', stop_reason: 'end_turn', content }
    return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })
  }
  const writer = createCassetteWriter({ store, recordErrors: 'none', keepPartial: false })
  const ask = askJudge(liveCalls({ store, writer, fetch, clock: systemClock, random: () => 0 }), {
    apiKey: () => 'none',
  })
  return { ask, left }
}

describe('askJudge', () => {
  it('asks once for what was a verdict', async () => {
    const { ask, left } = judging('{"equivalent": true}', 'another')
    expect(await ask(question)).toEqual({ text: '{"equivalent": true}', isCached: false })
    expect(await ask(question)).toEqual({ text: '{"equivalent": true}', isCached: true })
    expect(left).toEqual(['another'])
  })

  it('asks again where the kept reply is none', async () => {
    const { ask } = judging('Let me think.', '{"equivalent": false}')
    expect(await ask(question)).toEqual({ text: 'Let me think.', isCached: false })
    expect(await ask(question)).toEqual({ text: '{"equivalent": false}', isCached: false })
    expect(await ask(question)).toEqual({ text: '{"equivalent": false}', isCached: true })
  })
})

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseRecording } from '@agent-stream/protocol'
import { createScrubber } from '@agent-stream/protocol/scrub'
import { describe, expect, it } from 'vitest'

import { AgentStreamEmitter, AgentStreamRecorder, type RecorderOptions } from '../../src/index.ts'
import { ManualClock } from '../emit/manual-clock.ts'
import { temporaryFolder } from '../log/temporary-folder.ts'
import { linesOf } from './fake-disk.ts'

async function* streamOf<T>(...chunks: T[]): AsyncGenerator<T> {
  yield* chunks
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const chunks: T[] = []
  for await (const chunk of source) chunks.push(chunk)
  return chunks
}

function start(options?: RecorderOptions) {
  const path = join(temporaryFolder(), 'runs.jsonl')
  const clock = new ManualClock()
  const recorder = new AgentStreamRecorder(path, options, {
    clock,
    now: () => Date.parse('2026-01-02T03:04:05.678Z'),
  })
  const lines = async () => {
    await recorder.close()
    return linesOf(readFileSync(path, 'utf8'))
  }
  return { path, clock, recorder, lines }
}

const token = (text: string) => `event: token\ndata: ${JSON.stringify({ text })}\n\n`

describe('AgentStreamRecorder', () => {
  it('writes a header, a line for each event, and the end', async () => {
    const { path, clock, recorder, lines } = start()
    async function* agent() {
      await clock.advance(41)
      yield token('Hello')
      await clock.advance(11)
      yield 'event: done\ndata: {"is_error": false}\n\n'
    }
    const chunks = await collect(recorder.record(agent(), { metadata: { request_id: 'req_1', tags: ['a'] } }))
    expect(chunks).toEqual([token('Hello'), 'event: done\ndata: {"is_error": false}\n\n'])
    const [header, ...rest] = await lines()
    const sid = header?.session
    expect(header).toEqual({
      session: expect.stringMatching(/^[0-9a-f-]{36}$/),
      started_at: '2026-01-02T03:04:05.678Z',
      t: 0,
      v: 2,
      request_id: 'req_1',
      tags: ['a'],
    })
    expect(rest).toEqual([
      { t: 0.041, event: 'token', data: { text: 'Hello' }, sid },
      { t: 0.052, event: 'done', data: { is_error: false }, sid },
      { t: 0.052, event: 'session_end', data: { status: 'complete' }, sid },
    ])
    expect(readFileSync(path, 'utf8')).toContain('"event": "token", "data": {"text": "Hello"}, "sid": ')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(recorder.stats).toEqual({ written: 2, dropped: 0, errors: 0, queuedBytes: 0 })
  })

  it('is handed a stream that passes elsewhere, with the times of its pieces', async () => {
    const { recorder, lines } = start()
    const scrubber = createScrubber({ patterns: [/sesame/] })
    const started = { metadata: { call: 'c1' }, startedAt: '2026-01-01T00:00:00.000Z', scrubber }
    const recording = recorder.open(started)
    recording.take({ type: 'token', text: 'Hello sesame' }, 120)
    recording.take(token(' you'), 250.4)
    recording.end('aborted', 300)
    recording.take(token('late'), 301)
    recording.end('complete')
    const [header, ...rest] = await lines()
    expect(header).toMatchObject({
      session: recording.id,
      started_at: '2026-01-01T00:00:00.000Z',
      call: 'c1',
    })
    expect(rest.map(({ t, event, data }) => [t, event, data])).toEqual([
      [0.12, 'token', { text: 'Hello [REDACTED:pattern]' }],
      [0.25, 'token', { text: ' you' }],
      [0.3, 'session_end', { status: 'aborted' }],
    ])
  })

  it('records every event of text and bytes, wherever they are cut', async () => {
    const emitter = new AgentStreamEmitter({ runId: 'r1' })
    const text =
      `: hi\nretry: 5\n\n${emitter.token('é')}${emitter.token('\n')}data: {"a":\r\ndata: 1}\r\n\r\n` +
      `event: odd\ndata: [DONE]\n\n${emitter.done()}`
    const bytes = new TextEncoder().encode(text)
    for (const chunks of [[text], [...text], [bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
      const { recorder, lines } = start()
      expect(await collect(recorder.record(streamOf<string | Uint8Array>(...chunks)))).toEqual(chunks)
      const events = (await lines()).slice(1, -1).map(({ event, seq, data }) => [event, seq, data])
      expect(events).toMatchObject([
        ['run_started', 1, { run_id: 'r1' }],
        ['token', 2, { text: 'é' }],
        ['token', 3, { text: '\n' }],
        ['message', undefined, { a: 1 }],
        ['odd', undefined, '[DONE]'],
        ['done', 4, {}],
      ])
    }
  })

  it('records events that are objects, also foreign ones', async () => {
    const { recorder, lines } = start()
    const events = [
      { type: 'tool_use', toolName: 'search', toolUseId: 't1', input: { aB: 1 } },
      { type: 'weather', sky: 'blue' },
      { choices: [{ delta: { content: 'Hi' } }] },
    ]
    const passed = await collect(recorder.record(streamOf<object>(...events)))
    for (const [i, event] of passed.entries()) expect(event).toBe(events[i])
    expect((await lines()).slice(1, -1).map(({ event, data }) => [event, data])).toEqual([
      ['tool_use', { tool_name: 'search', tool_use_id: 't1', input: { aB: 1 } }],
      ['weather', { sky: 'blue' }],
      ['message', { choices: [{ delta: { content: 'Hi' } }] }],
    ])
  })

  it('gives ids no meaning before run_started', async () => {
    const { recorder, lines } = start()
    await collect(recorder.record(streamOf('id: 7\nevent: token\ndata: {"text": "x"}\n\n')))
    expect((await lines())[1]).not.toHaveProperty('seq')
  })

  it('keeps sessions apart that are recorded at the same time', async () => {
    const { path, recorder } = start()
    const sources = Array.from({ length: 20 }, (_, i) =>
      recorder.record(streamOf(token(`${i}a`), token(`${i}b`), token(`${i}c`)), { metadata: { n: i } }),
    )
    await Promise.all(sources.map(collect))
    await recorder.close()
    const { sessions, problems } = parseRecording(readFileSync(path, 'utf8'))
    expect(problems).toEqual([])
    expect(sessions).toHaveLength(20)
    for (const { metadata, events, end } of sessions) {
      expect(events.map(({ data }) => data)).toEqual(
        ['a', 'b', 'c'].map((s) => ({ text: `${metadata.n}${s}` })),
      )
      expect(end).toBe('complete')
    }
  })

  it('says when a reader gave up, and tells the source', async () => {
    const { recorder, lines } = start()
    let isReturned = false
    async function* agent() {
      try {
        yield token('a')
        yield token('b')
      } finally {
        isReturned = true
      }
    }
    for await (const _ of recorder.record(agent())) break
    expect(isReturned).toBe(true)
    expect((await lines()).at(-1)).toMatchObject({ event: 'session_end', data: { status: 'aborted' } })
  })

  it('says when a source broke, and lets its error through', async () => {
    const { recorder, lines } = start()
    const failure = new Error('no model')
    async function* agent() {
      yield token('a')
      throw failure
    }
    await expect(collect(recorder.record(agent()))).rejects.toBe(failure)
    expect((await lines()).at(-1)).toMatchObject({ event: 'session_end', data: { status: 'error' } })
  })

  it('ends what is open as aborted when it is closed, and hands on what comes after', async () => {
    const { recorder, lines } = start()
    const stream = recorder.record(streamOf(token('a'), token('b')))
    await stream.next()
    expect((await lines()).map(({ event }) => event)).toEqual([undefined, 'token', 'session_end'])
    expect((await stream.next()).value).toBe(token('b'))
    const later = streamOf('x')
    expect(recorder.record(later)).toBe(later)
    await recorder.close()
  })

  it('hands generators on as they are: values sent, thrown and returned', async () => {
    const { recorder, lines } = start()
    async function* agent(): AsyncGenerator<string, number, string> {
      try {
        const sent = yield token('a')
        yield token(sent)
      } catch (error) {
        yield token(String(error))
      }
      return 5
    }
    const first = recorder.record(agent())
    await first.next()
    expect((await first.next('sent')).value).toBe(token('sent'))
    expect(await first.next()).toEqual({ done: true, value: 5 })
    const second = recorder.record(agent())
    await second.next()
    expect((await second.throw('thrown')).value).toBe(token('thrown'))
    expect(await second.return(7)).toEqual({ done: true, value: 7 })
    expect((await lines()).filter(({ event }) => event === 'session_end')).toHaveLength(2)
  })

  it('scrubs a secret over several tokens, and metadata, and says so in done', async () => {
    const { path, recorder, lines } = start({ scrub: { patterns: [/EMP-\d+/], keys: ['ssn'] } })
    const secret = 'sk-ant-api03-abcdef0123456789'
    const chunks = [...secret].map(token)
    const source = streamOf(...chunks, token(' EMP-'), token('12 ok'), 'event: done\ndata: {"ssn": 1}\n\n')
    const metadata = { authorization: 'Bearer x', url: `https://x.example/?key=${secret}` }
    expect((await collect(recorder.record(source, { metadata }))).slice(0, chunks.length)).toEqual(chunks)
    const all = await lines()
    expect(all[0]).toMatchObject({
      authorization: '[REDACTED:secret]',
      url: 'https://x.example/?key=[REDACTED:secret]',
    })
    const texts = all.map(({ data }) => (data as { text?: string } | undefined)?.text ?? '')
    expect(texts.join('')).toBe('sk-[REDACTED:api-key] [REDACTED:pattern] ok')
    expect(all).toHaveLength(chunks.length + 5)
    expect(all.at(-2)).toMatchObject({ event: 'done', data: { ssn: '[REDACTED:key]', redacted: true } })
    expect(readFileSync(path, 'utf8')).not.toContain('abcdef0123')
  })

  it('scrubs nothing if it is told so', async () => {
    const { recorder, lines } = start({ scrub: false })
    await collect(recorder.record(streamOf(token('sk-ant-api03-abcdef0123456789'))))
    expect((await lines())[1]).toMatchObject({ data: { text: 'sk-ant-api03-abcdef0123456789' } })
  })

  it('counts what it cannot record, and lets it pass', async () => {
    const errors: unknown[] = []
    const { recorder, lines } = start({ onError: (error) => errors.push(error) })
    const refuses = {
      type: 'odd',
      toJSON() {
        throw new Error('not me')
      },
    }
    const events = [refuses, { type: 'token', text: 'a' }, { type: 'odd', n: 1n }]
    expect(await collect(recorder.record(streamOf<object>(...events)))).toEqual(events)
    const all = await lines()
    expect(all.map(({ event }) => event)).toEqual([undefined, 'token', 'session_end'])
    expect(all.at(-1)).toMatchObject({ data: { status: 'complete', dropped: 2 } })
    expect(recorder.stats).toMatchObject({ written: 1, dropped: 2, errors: 2 })
    expect(errors).toHaveLength(2)
  })

  it('counts an event that refers to itself, however often', async () => {
    const { recorder, lines } = start({ onError: () => undefined })
    const root = { name: 'root', children: [] as object[] }
    root.children.push({ parent: root }, { parent: root })
    const events = [
      { type: 'odd', root },
      { type: 'tool_use', toolName: 'x', toolUseId: 't', input: { root } },
    ]
    expect(await collect(recorder.record(streamOf<object>(...events)))).toEqual(events)
    expect((await lines()).at(-1)).toMatchObject({ data: { status: 'complete', dropped: 2 } })
  })

  it('scrubs what toJSON gives, and what an event was when it came', async () => {
    const { path, recorder, lines } = start()
    const input = { note: 'as it came' }
    const held = { type: 'tool_input_delta', toolUseId: 't', delta: 'sk-ant' }
    const source = streamOf<object>(
      held,
      {
        type: 'odd',
        url: new URL('https://ada:hunter22@x.example/'),
        own: { toJSON: () => ({ password: 'pass-9' }) },
      },
      { type: 'odd', input },
    )
    await collect(recorder.record(source))
    input.note = 'changed'
    const all = await lines()
    expect(all.slice(2, 4).map(({ data }) => data)).toEqual([
      { url: 'https://[REDACTED:credentials]@x.example/', own: { password: '[REDACTED:secret]' } },
      { input: { note: 'as it came' } },
    ])
    expect(readFileSync(path, 'utf8')).not.toMatch(/hunter22|pass-9/)
  })

  it('does without metadata that cannot be written, and without a name that is its own', async () => {
    const { recorder, lines } = start({ onError: () => undefined })
    const hostile = { n: 1n }
    await collect(recorder.record(streamOf(token('a')), { metadata: hostile }))
    await collect(recorder.record(streamOf(token('b')), { metadata: { part: 9, sid: 'x', session: 'y' } }))
    const headers = (await lines()).filter(({ session }) => session !== undefined)
    expect(headers).toHaveLength(2)
    expect(headers[1]).not.toHaveProperty('part')
    expect(headers[1]?.session).not.toBe('y')
  })

  it('opens no session for a stream that nobody reads', async () => {
    const { recorder } = start()
    recorder.record(streamOf('x'))
    await recorder.close()
    expect(recorder.stats.written).toBe(0)
  })

  it('says what is wrong with what it is given', () => {
    expect(() => new AgentStreamRecorder('')).toThrow(/the path is empty; expected a file/)
    expect(() => new AgentStreamRecorder('x', { maxFileBytes: 0 })).toThrow(
      /expected a whole number of bytes/,
    )
    const { recorder } = start()
    expect(() => recorder.record('text' as unknown as Response)).toThrow(
      /the source is string; expected an async/,
    )
  })
})

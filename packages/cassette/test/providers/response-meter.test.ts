import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../src/providers/providers.ts'
import { decodeStream } from '../../src/providers/read-answer.ts'
import { createResponseMeter, type ResponseMeterOptions } from '../../src/providers/response-meter.ts'
import { recordedStream, recordedStreams, STREAM_FOLDERS } from './recorded-stream.ts'

const STREAM = 'text/event-stream; charset=utf-8'

/** Feeds the body in pieces of `size` bytes, one a millisecond from 100 on. */
function measured(body: Uint8Array, options: ResponseMeterOptions, size = 50) {
  const meter = createResponseMeter(options)
  let atMs = 100
  for (let i = 0; i < body.length; i += size) meter.feed(body.subarray(i, i + size), atMs++)
  return meter.end('closed', atMs)
}

describe.each(Object.entries(STREAM_FOLDERS))('a meter of real %s streams', (folder, name) => {
  it.each(recordedStreams(folder))('measures %s without being told whose it is', (file) => {
    const body = recordedStream(folder, file)
    const measure = measured(body, { contentType: STREAM })
    expect(measure.provider?.dialect.name).toBe(folder)
    expect(measure.byteCount).toBe(body.length)
    expect(measure.unreadable).toBeNull()
    if (measure.outcome === 'failed') {
      expect(measure.error?.message).toBeTruthy()
      return
    }
    const { model, usage, finishReason } = decodeStream(PROVIDERS[name], [body])
    expect(measure).toMatchObject({ model, usage, finishReason })
  })
})

describe('createResponseMeter', () => {
  const events = [
    { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
    { choices: [{ index: 0, delta: { content: 'Hel' } }] },
    { choices: [{ index: 0, delta: { content: 'lo' } }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } },
  ].map((chunk) =>
    new TextEncoder().encode(
      `data: ${JSON.stringify({ id: 'c1', model: 'gpt-4o', object: 'chat.completion.chunk', ...chunk })}\n\n`,
    ),
  )

  it('tells the times of the first byte and of each delta', () => {
    const gaps: (number | null)[] = []
    const meter = createResponseMeter({ contentType: STREAM, onDelta: (_, gapMs) => gaps.push(gapMs) })
    for (const [n, event] of events.entries()) meter.feed(event, 10 * (n + 1) ** 2)
    expect(meter.measure()).toMatchObject({ outcome: null, firstDeltaMs: 40, deltaCount: 2 })
    expect(meter.end('closed', 300)).toMatchObject({
      firstByteMs: 10,
      firstDeltaMs: 40,
      lastDeltaMs: 90,
      deltaCount: 2,
      outcome: 'complete',
      finishReason: 'stop',
      model: 'gpt-4o',
      usage: { input: 9, output: 2 },
    })
    expect(gaps).toEqual([null, 50])
  })

  it('tells how a stream that broke off ended', () => {
    const half = (reason: 'closed' | 'stopped' | 'failed') => {
      const meter = createResponseMeter({ contentType: STREAM })
      for (const event of events.slice(0, 3)) meter.feed(event, 1)
      return meter.end(reason, 2).outcome
    }
    expect([half('closed'), half('stopped'), half('failed')]).toEqual(['truncated', 'stopped', 'failed'])
  })

  it('hands out the events with their text, and keeps none of it', () => {
    const texts: string[] = []
    const meter = createResponseMeter({
      contentType: STREAM,
      onEvent: (event) => {
        if (event.type === 'token') texts.push(event.text)
      },
    })
    for (const event of events) meter.feed(event, 1)
    expect(texts.join('')).toBe('Hello')
    expect(JSON.stringify(meter.end('closed', 2))).not.toContain('Hel')
  })

  it('reads a JSON answer at its end, and says so when that is too large', () => {
    const body = new TextEncoder().encode(
      JSON.stringify({
        object: 'chat.completion',
        model: 'm',
        choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 1, completion_tokens: 2 },
      }),
    )
    const options = { provider: PROVIDERS.openai, contentType: 'application/json' }
    expect(measured(body, options)).toMatchObject({
      firstByteMs: 100,
      firstDeltaMs: null,
      outcome: 'complete',
      usage: { input: 1, output: 2 },
    })
    expect(measured(body, { ...options, maxJsonBytes: 20 })).toMatchObject({
      outcome: null,
      usage: null,
      unreadable: expect.stringMatching(/more than 20 bytes/),
      byteCount: body.length,
    })
  })

  it.each([
    ['an error body', '{"error":{"type":"invalid_request_error","message":"no"}}', /invalid_request_error/],
    ['a page', '<html>', /JSON/],
  ])('is not upset by %s', (_, body, reason) => {
    const measure = measured(new TextEncoder().encode(body), {
      provider: PROVIDERS.openai,
      contentType: 'application/json',
    })
    expect(measure).toMatchObject({ outcome: null, usage: null, unreadable: expect.stringMatching(reason) })
  })

  it('measures bytes and times of what no provider sends', () => {
    const body = new TextEncoder().encode('event: message\ndata: hello\n\n'.repeat(3))
    expect(measured(body, { contentType: STREAM })).toMatchObject({
      provider: null,
      outcome: null,
      firstByteMs: 100,
    })
  })

  it('holds no more memory for a longer answer', () => {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const heldBytes = () => {
      collect()
      return process.memoryUsage().heapUsed
    }
    const meter = createResponseMeter({ contentType: STREAM, provider: PROVIDERS.openai })
    const chunk = {
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content: 'x'.repeat(5000) }, logprobs: { content: [{ token: 'x' }] } }],
    }
    const delta = new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`)
    for (let n = 0; n < 100; n++) meter.feed(delta, n)
    const before = heldBytes()
    for (let n = 0; n < 4000; n++) meter.feed(delta, n)
    expect(heldBytes() - before).toBeLessThan(4_000_000)
    expect(meter.measure().deltaCount).toBe(4100)
  })
})

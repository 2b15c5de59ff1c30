import { AgentStreamClient } from '@agent-stream/core'
import { SimulatedClock } from '@agent-stream/core/testing'
import { type AgentEvent, decodePayload, fold, type RecordedSession } from '@agent-stream/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Chunking, parseRecording, type ReplayOptions, replay } from '../src/index.ts'

const RECORDING = `{"session": "s-1", "started_at": "2026-11-20T23:14:13.472996+00:00", "t": 0, "v": 2}
{"t": 0.5, "event": "token", "data": {"text": "Grüße, "}, "sid": "s-1"}
{"t": 0.75, "event": "tool_use", "data": {"tool_name": "look_up", "tool_use_id": "t1", "input_summary": "", "status": "running"}, "sid": "s-1"}
{"t": 1.5, "event": "tool_result", "data": {"tool_name": "look_up", "tool_use_id": "t1", "output_summary": "", "duration_ms": 750, "status": "done"}, "sid": "s-1"}
{"t": 1.5, "event": "token", "data": {"text": "Wörld 🌍"}, "sid": "s-1"}
{"t": 2, "event": "done", "data": {"message_id": "m1", "num_turns": 1, "tool_count": 1, "duration_ms": 2000, "model": "m", "is_error": false}, "sid": "s-1"}
{"t": 2, "event": "session_end", "data": {"status": "complete"}, "sid": "s-1"}
`
const session = parseRecording(RECORDING).sessions[0] as RecordedSession

function play(options: Omit<ReplayOptions, 'clock'> = {}, of: RecordedSession = session) {
  const clock = new SimulatedClock()
  const client = new AgentStreamClient({ clock, fetch: replay(of, { ...options, clock }), random: () => 0 })
  return { clock, client, result: client.start('/chat') }
}

async function responseText(options: ReplayOptions): Promise<string> {
  return (await replay(session, { speed: 0, ...options })('/chat')).text()
}

describe('replay', () => {
  it('gives each event at its own time', async () => {
    const { clock, client } = play()
    await clock.advance(499)
    expect(client.getSnapshot().text).toBe('')
    await clock.advance(1)
    expect(client.getSnapshot().text).toBe('Grüße, ')
    await clock.advance(250)
    expect(client.getSnapshot().activeTools).toEqual(['look_up'])
    // The second token waits for its batch interval.
    await clock.advance(850)
    expect(client.getSnapshot()).toMatchObject({ text: 'Grüße, Wörld 🌍', activeTools: [], isDone: false })
    await clock.advance(400)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', outcome: 'complete' })
  })

  it('is as many times faster as asked', async () => {
    const { clock, client } = play({ speed: 4 })
    await clock.advance(499)
    expect(client.getSnapshot().isDone).toBe(false)
    await clock.advance(1)
    expect(client.getSnapshot().isDone).toBe(true)
  })

  it.each([0, Number.POSITIVE_INFINITY])('gives all at once at speed %d', async (speed) => {
    const { clock, client } = play({ speed })
    await clock.advance(0)
    expect(client.getSnapshot()).toMatchObject({ status: 'done', text: 'Grüße, Wörld 🌍' })
  })

  it('ends in the same state however its bytes are cut', async () => {
    const byEvent = play({ speed: 0 })
    await byEvent.clock.advance(0)
    const size = fc.integer({ min: 1, max: 300 })
    const chunkings: fc.Arbitrary<Chunking> = fc.oneof(size, fc.array(size, { minLength: 1, maxLength: 9 }))
    await fc.assert(
      fc.asyncProperty(chunkings, async (chunking) => {
        const cut = play({ speed: 0, chunking })
        await cut.result
        expect(cut.client.getSnapshot()).toEqual(byEvent.client.getSnapshot())
      }),
      { numRuns: 30 },
    )
  })

  it('sends a piece when the last of its bytes is there', async () => {
    const { clock, client } = play({ chunking: 1_000_000 })
    await clock.advance(1999)
    expect(client.getSnapshot().text).toBe('')
    await clock.advance(1)
    expect(client.getSnapshot().status).toBe('done')
  })

  it('takes the sizes of a list in turn', async () => {
    const whole = await responseText({})
    const response = await replay(session, { speed: 0, chunking: [1, 20] })('/chat')
    const sizes: number[] = []
    for await (const chunk of response.body as ReadableStream<Uint8Array>) sizes.push(chunk.length)
    expect(sizes.slice(0, 4)).toEqual([1, 20, 1, 20])
    expect(await responseText({ chunking: [1, 20] })).toBe(whole)
  })

  it('keeps the numbers of numbered events, and events of unknown names', async () => {
    const events = [{ t: 0, event: 'from_the_future', data: { a: 1 }, seq: 7 }]
    const response = await replay({ ...session, events })('/chat')
    expect(await response.text()).toBe('id: 7\nevent: from_the_future\ndata: {"a":1}\n\n')
  })

  it('closes after the last event, or stays silent when asked to', async () => {
    const cut = { ...session, events: session.events.slice(0, -1) }
    const closed = play({}, cut)
    await closed.clock.advance(2000)
    expect(closed.client.getSnapshot().status).toBe('synthetic-done')
    const hanging = play({ end: 'hang' }, cut)
    await hanging.clock.advance(2000)
    expect(hanging.client.getSnapshot().status).toBe('streaming')
  })

  it('breaks the connection where the recorded source broke', async () => {
    const { clock, client } = play({}, { ...session, events: session.events.slice(0, 1), end: 'error' })
    await clock.advance(500)
    expect(client.getSnapshot()).toMatchObject({ status: 'retrying', text: 'Grüße, ' })
  })

  it('answers a repeated request from the beginning', async () => {
    const { clock, client } = play({ end: 'drop' }, { ...session, events: session.events.slice(0, 1) })
    await clock.advance(500 + 1000 + 500)
    expect(client.getSnapshot().text).toBe('Grüße, ')
  })

  it('ends with the request that is aborted', async () => {
    const { clock, client, result } = play()
    await clock.advance(500)
    client.stop()
    expect(await result).toMatchObject({ status: 'stopped' })
    await clock.advance(0)
    expect(clock.pendingCount).toBe(0)
  })

  it('folds into what the recorded events fold into', async () => {
    const { result, client, clock } = play({ speed: 0, chunking: 3 })
    await clock.advance(0)
    await result
    const events = session.events.map(({ event, data }) => decodePayload(event, data) as AgentEvent)
    expect(client.getSnapshot()).toMatchObject(fold(events))
  })

  it('refuses a speed or a chunk size that makes no sense', () => {
    expect(() => replay(session, { speed: -1 })).toThrow('speed is -1')
    expect(() => replay(session, { chunking: 0 })).toThrow('chunking is 0')
    expect(() => replay(session, { chunking: [] })).toThrow('chunking is []')
  })
})

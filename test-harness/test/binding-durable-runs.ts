import type { AgentStreamClient, ClientSource } from '@agent-stream/core'
import { keepRun } from '@agent-stream/core/storage'
import type { BodyStep, ScriptedResponse } from '@agent-stream/core/testing'
import { type AgentEvent, encodeEvent } from '@agent-stream/protocol'
import { describe, expect, it, vi } from 'vitest'

import { scripted } from './binding-client.ts'
import type { PanelStream } from './fixtures/panel.ts'

/** A mounted panel, as the contract's tests see it. */
export interface MountedPanel {
  readonly field: (name: string) => string
  readonly stream: () => PanelStream
  readonly unmount: () => void
}

const DONE: AgentEvent = {
  type: 'done',
  messageId: '',
  numTurns: 1,
  toolCount: 0,
  durationMs: 1,
  model: '',
  isError: false,
}
const QUESTION: AgentEvent = { type: 'input_required', inputId: 'i1', kind: 'approval', message: 'Send it?' }
const RUN: readonly AgentEvent[] = [
  { type: 'run_started', runId: 'r1', startedAt: '', protocol: '1' },
  { type: 'token', text: 'Hello' },
  { type: 'token', text: ' wor' },
  { type: 'token', text: 'ld' },
  DONE,
]

/** The events of a run from `from` to before `to`, each with its number and `gapMs` after it. */
function events(run: readonly AgentEvent[], from: number, to: number, gapMs = 30): BodyStep[] {
  return run.slice(from - 1, to - 1).flatMap((event, n) => [encodeEvent(event, from + n), { waitMs: gapMs }])
}

/** The answer of a server that keeps the run `r1`. */
function durable(response: ScriptedResponse): ScriptedResponse {
  return {
    ...response,
    headers: { 'content-type': 'text/event-stream', 'content-location': '/runs/r1/events' },
  }
}

/** What a binding owes the users of a server that keeps its runs. */
export function describeDurableRuns(panel: (source: ClientSource) => MountedPanel): void {
  describe('runs that the server keeps', () => {
    const accepted: ScriptedResponse = { status: 202 }
    const running = durable({ body: events(RUN, 1, 3), end: 'hang' })

    it('go on after a drop where they were: no text twice, none lost', async () => {
      const { client, clock, requests } = scripted([
        durable({ body: events(RUN, 1, 4), end: 'drop' }),
        { networkError: true },
        { body: events(RUN, 4, 6) },
      ])
      const { stream, field } = panel(client)
      const seen = new Set<string>()
      const statuses = new Set<string>()
      const told: string[] = []
      const onRestart = vi.fn()
      void stream().startStream('/chat', {}, { onToken: (text) => told.push(text), onRestart })
      for (let step = 0; step < 400; step++) {
        await clock.advance(10)
        seen.add(field('text'))
        statuses.add(field('status'))
      }
      expect([...seen]).toEqual(['', 'Hello', 'Hello wor', 'Hello world'])
      expect([...statuses]).toEqual(['streaming', 'retrying', 'done'])
      expect(told).toEqual(['Hello', ' wor', 'ld'])
      expect(onRestart).not.toHaveBeenCalled()
      expect(requests.map(({ init }) => init.method)).toEqual(['POST', 'GET', 'GET'])
    })

    it('ask, and are answered', async () => {
      const answered: AgentEvent = { type: 'input_received', inputId: 'i1', answer: true }
      const run = [...RUN.slice(0, 2), QUESTION, answered, DONE]
      const body = [...events(run, 1, 4), { waitMs: 1000 }, ...events(run, 4, 6)]
      const { client, clock, requests } = scripted([durable({ body }), accepted])
      const { stream, field } = panel(client)
      void stream().startStream('/chat')
      await clock.advance(500)
      expect(field('questions')).toBe('i1: Send it?')
      const response = stream().respond('i1', true)
      await clock.advance(0)
      await response
      expect(requests[1]).toMatchObject({
        url: expect.stringMatching(/\/runs\/r1\/input$/),
        init: { method: 'POST', body: '{"input_id":"i1","answer":true}' },
      })
      await clock.advance(1000)
      expect(field('questions')).toBe('')
      expect(field('status')).toBe('done')
    })

    it('are left alone when the component unmounts, and are there when it comes back', async () => {
      const { options, clock, requests } = scripted([running, { body: events(RUN, 1, 6) }])
      const first = panel(options)
      void first.stream().startStream('/chat')
      await clock.advance(40)
      const { runId } = first.stream()
      first.unmount()
      await clock.advance(60_000)
      expect(requests.map(({ isAborted }) => isAborted)).toEqual([true])

      const second = panel(options)
      expect(second.field('text')).toBe('')
      const result = second.stream().resume(runId as string)
      await clock.advance(1000)
      expect(await result).toMatchObject({ status: 'done', outcome: 'complete' })
      expect(second.field('text')).toBe('Hello world')
    })

    it('are there after a reload, where they are kept', async () => {
      const items = new Map<string, string>()
      const storage = {
        getItem: (key: string) => items.get(key) ?? null,
        setItem: (key: string, value: string) => void items.set(key, value),
        removeItem: (key: string) => void items.delete(key),
      }
      const keep = (client: AgentStreamClient) => keepRun(client, { key: 'chat', storage })
      const before = scripted([running])
      keep(before.client)
      void panel(before.client).stream().startStream('/chat')
      await before.clock.advance(100)

      const after = scripted([{ body: events(RUN, 1, 6) }])
      keep(after.client)
      const { field } = panel(after.client)
      expect(field('status')).toBe('streaming')
      await after.clock.advance(1000)
      expect(field('text')).toBe('Hello world')
      expect(field('status')).toBe('done')
      expect(items.size).toBe(0)
    })

    it('are cancelled when they are stopped', async () => {
      const { client, clock, requests } = scripted([running, accepted])
      const { stream, field } = panel(client)
      void stream().startStream('/chat')
      await clock.advance(100)
      stream().stop()
      await clock.advance(0)
      expect(field('status')).toBe('stopped')
      expect(field('text')).toBe('Hello')
      expect(requests[0]?.isAborted).toBe(true)
      expect(requests[1]).toMatchObject({
        url: expect.stringMatching(/\/runs\/r1\/cancel$/),
        init: { method: 'POST', body: '{}' },
      })
    })

    it('are asked to end, or a tool of theirs, and tell the end themselves', async () => {
      const aborted = [...RUN.slice(0, 2), { ...DONE, aborted: true }]
      const body = [...events(aborted, 1, 3), { waitMs: 1000 }, ...events(aborted, 3, 4)]
      const { client, clock, requests } = scripted([durable({ body }), accepted, accepted])
      const { stream, field } = panel(client)
      void stream().startStream('/chat')
      await clock.advance(100)
      await stream().cancel('t1')
      await stream().cancel()
      expect(requests.slice(1).map(({ init }) => init.body)).toEqual(['{"tool_use_id":"t1"}', '{}'])
      expect(field('status')).toBe('streaming')
      await clock.advance(1000)
      expect(stream().outcome).toBe('stopped')
    })
  })
}

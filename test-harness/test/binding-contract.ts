import type { AgentStreamClient, ClientSnapshot, ClientSource } from '@agent-stream/core'
import { allDialects } from '@agent-stream/protocol/dialects'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { scripted } from './binding-client.ts'
import { describeDurableRuns } from './binding-durable-runs.ts'
import { type PanelProbe, type PanelStream, snapshotOf } from './fixtures/panel.ts'
import { countSubscriptions, doneEvent, sse, tokens, toolResult, toolUse } from './fixtures/stream.ts'

interface Mounted {
  /** The element that the component is in. */
  readonly root: ParentNode
  readonly unmount: () => void
}

/** One way to use a framework's binding: its components from `test/fixtures`, mounted into the document. */
export interface Binding {
  readonly name: string
  /** Mounts a panel: the fields of `panelFields`, and the probe is told. */
  readonly panel: (source: ClientSource, probe: PanelProbe) => Mounted
  /** What a server renders for that panel. */
  readonly serverHtml: (source: ClientSource) => string | Promise<string>
  /** Mounts a panel on such HTML; `root` holds it. */
  readonly hydrate: (root: HTMLElement, source: ClientSource, probe: PanelProbe) => Mounted
  /** Mounts a component that shows what `select` takes, as JSON in the field `selected`. */
  readonly selection: (
    client: AgentStreamClient,
    select: (snapshot: ClientSnapshot) => unknown,
    probe: { readonly onRender: () => void; readonly isEqual?: (a: unknown, b: unknown) => boolean },
  ) => Mounted
}

/** What every binding owes its users. */
export function describeBinding(binding: Binding): void {
  describe(binding.name, () => {
    const mounted = new Set<() => void>()

    /** Unmounted by the test, or else when it is over. */
    function track({ root, unmount }: Mounted): Mounted {
      mounted.add(unmount)
      return {
        root,
        unmount() {
          if (mounted.delete(unmount)) unmount()
        },
      }
    }

    function panel(source: ClientSource, mount = binding.panel) {
      let renders = 0
      let stream: PanelStream | undefined
      const { root, unmount } = track(
        mount(source, {
          onRender: () => renders++,
          onStream: (given) => {
            stream = given
          },
        }),
      )
      return {
        root,
        unmount,
        field: (name: string) => fieldOf(root, name),
        renders: () => renders,
        stream: () => stream as PanelStream,
      }
    }

    beforeEach(() => {
      vi.spyOn(console, 'error')
      vi.spyOn(console, 'warn')
    })

    afterEach(() => {
      for (const unmount of mounted) unmount()
      mounted.clear()
      expect(console.error).not.toHaveBeenCalled()
      expect(console.warn).not.toHaveBeenCalled()
      vi.restoreAllMocks()
    })

    describe('state', () => {
      it('shows the idle state, and requests nothing, before anything is started', async () => {
        const { client, clock, requests } = scripted([])
        const { field } = panel(client)
        await clock.advance(1000)
        expect(field('status')).toBe('idle')
        expect(field('text')).toBe('')
        expect(requests).toEqual([])
      })

      it('streams text, thinking, tools and progress, and ends in the state of the client', async () => {
        const body = [
          sse({ type: 'thinking', text: 'Hmm' }),
          { waitMs: 10 },
          toolUse('t1', 'search'),
          sse({ type: 'progress', step: 's', percentage: 40, message: '', subProgress: null }),
          { waitMs: 10 },
          toolResult('t1', 'search'),
          sse({ type: 'token', text: 'Hello' }),
          { waitMs: 10 },
          sse({ type: 'token', text: ' world' }),
          doneEvent(),
        ]
        const { client, clock } = scripted([{ body }])
        const { field, stream } = panel(client)
        const result = stream().startStream('/chat', { message: 'hi' })
        await clock.advance(0)
        expect(field('status')).toBe('streaming')
        expect(field('thinking')).toBe('Hmm')
        await clock.advance(10)
        expect(field('badges')).toBe('search')
        expect(field('tools')).toBe('search:running')
        expect(field('progress')).toBe('40')
        await clock.advance(10)
        expect(field('badges')).toBe('')
        expect(field('text')).toBe('Hello')
        await clock.advance(10)
        expect(await result).toEqual({ status: 'done', outcome: 'complete', error: null })
        expect(field('text')).toBe('Hello world')
        expect(field('state')).toBe(JSON.stringify(snapshotOf(client.getSnapshot())))
        for (const [key, value] of Object.entries(client.getSnapshot())) {
          expect(stream()[key as keyof ClientSnapshot], key).toBe(value)
        }
      })

      it('passes the client its options: an answer in another dialect is shown like any other', async () => {
        const delta = (content: object, finish_reason: string | null = null) =>
          `data: ${JSON.stringify({ object: 'chat.completion.chunk', id: 'c1', choices: [{ index: 0, delta: content, finish_reason }] })}\n\n`
        const call = [{ index: 0, id: 't1', type: 'function', function: { name: 'search', arguments: '{}' } }]
        const body = [
          delta({ role: 'assistant', content: 'Hello' }),
          { waitMs: 20 },
          delta({ tool_calls: call }),
          { waitMs: 20 },
          delta({}, 'tool_calls'),
          'data: [DONE]\n\n',
        ]
        const { options, clock } = scripted([{ body }], { dialects: allDialects })
        const { field, stream } = panel(options)
        const result = stream().startStream('/chat')
        await clock.advance(10)
        expect(field('text')).toBe('Hello')
        await clock.advance(20)
        expect(field('badges')).toBe('search')
        await clock.advance(20)
        expect(await result).toEqual({ status: 'done', outcome: 'awaiting_tools', error: null })
        expect(field('status')).toBe('done')
        expect(field('tools')).toBe('search:requested')
        expect(field('badges')).toBe('')
      })

      it('keeps what did not change the same object, and the calls the same functions', async () => {
        const body = [toolUse('t1', 'search'), toolResult('t1', 'search'), { waitMs: 10 }, ...tokens(3, 200)]
        const { client, clock } = scripted([{ body, end: 'hang' }])
        const { stream } = panel(client)
        const { startStream, resume, respond, cancel, stop, detach, reset } = stream()
        void startStream('/chat')
        await clock.advance(0)
        const { tools, parts } = stream()
        await clock.advance(600)
        expect(stream().text).not.toBe('')
        expect(stream().tools).toBe(tools)
        expect(stream().parts).not.toBe(parts)
        expect(stream().parts[0]).toBe(parts[0])
        expect(stream()).toMatchObject({ startStream, resume, respond, cancel, stop, detach, reset })
      })
    })

    describe('mounting', () => {
      it('shows the same in all components that share a client', async () => {
        const { client, clock, requests } = scripted([{ body: [...tokens(5, 30), doneEvent()] }])
        const panels = [panel(client), panel(client), panel(client)]
        void panels[1]?.stream().startStream('/chat')
        for (let step = 0; step < 6; step++) {
          await clock.advance(30)
          expect(new Set(panels.map(({ field }) => field('state'))).size).toBe(1)
        }
        expect(panels[2]?.field('text')).toBe('t0 t1 t2 t3 t4 ')
        expect(requests.length).toBe(1)
      })

      it('leaves a client that it was given alone when it unmounts', async () => {
        const { client, clock, requests } = scripted([{ body: [...tokens(5, 30), doneEvent()] }])
        const [gone, staying] = [panel(client), panel(client)]
        void gone.stream().startStream('/chat')
        await clock.advance(40)
        gone.unmount()
        await clock.advance(0)
        expect(requests[0]?.isAborted).toBe(false)
        await clock.advance(200)
        expect(staying.field('status')).toBe('done')
        expect(staying.field('text')).toBe('t0 t1 t2 t3 t4 ')
      })

      it('aborts the request of a client of its own when it unmounts, and requests nothing else', async () => {
        const { options, clock, requests } = scripted([{ body: tokens(5, 30), end: 'hang' }, {}])
        const { stream, unmount } = panel(options)
        const onDone = vi.fn()
        const result = stream().startStream('/chat', {}, { onDone })
        await clock.advance(40)
        unmount()
        await clock.advance(60_000)
        expect(requests.map((request) => request.isAborted)).toEqual([true])
        expect(await result).toMatchObject({ status: 'stopped' })
        expect(onDone).toHaveBeenCalledOnce()
        expect(clock.pendingCount).toBe(0)
      })

      it('renders nothing more once it is unmounted, and leaves no subscription', async () => {
        const { client, clock } = scripted([{ body: [...tokens(20, 30), doneEvent()] }])
        const subscriptions = countSubscriptions(client)
        const { stream, unmount, renders } = panel(client)
        void stream().startStream('/chat')
        await clock.advance(100)
        expect(subscriptions()).toBeGreaterThan(0)
        unmount()
        const before = renders()
        await clock.advance(1000)
        expect(client.getSnapshot().status).toBe('done')
        expect(renders()).toBe(before)
        expect(subscriptions()).toBe(0)
      })

      it('shows the current state at once when it is mounted on a running client, and goes on', async () => {
        const { client, clock } = scripted([{ body: [...tokens(4, 200), doneEvent()] }])
        const first = panel(client)
        void first.stream().startStream('/chat')
        await clock.advance(10)
        first.unmount()
        await clock.advance(300)
        const second = panel(client)
        expect(second.field('text')).toBe('t0 t1 ')
        expect(second.field('status')).toBe('streaming')
        await clock.advance(1000)
        expect(second.field('text')).toBe('t0 t1 t2 t3 ')
        expect(second.field('status')).toBe('done')
      })

      it('takes over what a server rendered, element by element', async () => {
        const { client, clock } = scripted([{ body: [...tokens(2), doneEvent()] }])
        const root = document.body.appendChild(document.createElement('main'))
        root.innerHTML = await binding.serverHtml(client)
        const field = root.querySelector('[data-field=text]')
        expect(field).not.toBeNull()
        const { stream } = panel(client, (source, probe) => binding.hydrate(root, source, probe))
        await clock.advance(0)
        void stream().startStream('/chat')
        await clock.advance(0)
        expect(root.querySelector('[data-field=text]')).toBe(field)
        expect(field?.textContent).toBe('t0 t1 ')
      })

      it('misses nothing that happens while it is being mounted', async () => {
        const { client, clock } = scripted([{ body: [...tokens(1), doneEvent()] }])
        void client.start('/chat')
        const { field } = panel(client)
        client.stop()
        await clock.advance(0)
        expect(field('status')).toBe('stopped')
      })
    })

    describe('rendering', () => {
      it('does not render what selects tools while 500 tokens arrive', async () => {
        const body = [...tokens(500, 5), toolUse('t1', 'search')]
        const { client, clock } = scripted([{ body, end: 'hang' }])
        let renders = 0
        const { root } = track(
          binding.selection(client, ({ tools }) => tools, {
            onRender: () => renders++,
          }),
        )
        void client.start('/chat')
        await clock.advance(0)
        const before = renders
        await clock.advance(499 * 5)
        expect(client.getSnapshot().eventCount).toBeGreaterThan(490)
        expect(renders - before).toBe(0)
        await clock.advance(5)
        expect(renders - before).toBe(1)
        expect(fieldOf(root, 'selected')).toContain('search')
      })

      it('compares by the equality that it is given', async () => {
        const { client, clock } = scripted([{ body: [...tokens(50, 20), doneEvent()] }])
        let renders = 0
        const { root } = track(
          binding.selection(client, ({ text }) => ({ hasText: text !== '' }), {
            onRender: () => renders++,
            isEqual: (a, b) => JSON.stringify(a) === JSON.stringify(b),
          }),
        )
        await clock.advance(0)
        const before = renders
        void client.start('/chat')
        await clock.advance(2000)
        expect(client.getSnapshot().isDone).toBe(true)
        expect(fieldOf(root, 'selected')).toBe('{"hasText":true}')
        expect(renders - before).toBe(1)
      })

      it('comes to rest though its selector builds a new object each time', async () => {
        const { client, clock } = scripted([{ body: [...tokens(2), doneEvent()] }])
        let renders = 0
        const { root } = track(
          binding.selection(client, ({ text }) => ({ text }), { onRender: () => renders++ }),
        )
        void client.start('/chat')
        await clock.advance(100)
        expect(fieldOf(root, 'selected')).toBe('{"text":"t0 t1 "}')
        expect(renders).toBeLessThan(10)
      })

      it('batching: renders once in each 50 ms, not once for each token', async () => {
        const { client, clock } = scripted([{ body: tokens(200, 5), end: 'hang' }], { batch: { ms: 50 } })
        const { renders, stream, field } = panel(client)
        void stream().startStream('/chat')
        await clock.advance(0)
        const before = renders()
        await clock.advance(1000)
        expect(field('text')).toContain('t199 ')
        expect(renders() - before).toBeGreaterThanOrEqual(18)
        expect(renders() - before).toBeLessThanOrEqual(21)
      })

      it.each([
        { gapMs: 5, count: 200, intervalMs: 16 },
        { gapMs: 20, count: 50, intervalMs: 40 },
        { gapMs: 45, count: 22, intervalMs: 90 },
      ])('batching: adapts to tokens $gapMs ms apart by default', async ({ gapMs, count, intervalMs }) => {
        const { client, clock } = scripted([{ body: tokens(count, gapMs), end: 'hang' }])
        const { renders, stream, field } = panel(client)
        void stream().startStream('/chat')
        await clock.advance(0)
        const before = renders()
        await clock.advance(1000 + intervalMs)
        expect(field('text')).toContain(`t${count - 1} `)
        const expected = 1000 / intervalMs
        expect(renders() - before).toBeGreaterThanOrEqual(expected * 0.75)
        expect(renders() - before).toBeLessThanOrEqual(expected * 1.25 + 1)
      })
    })

    describe('events that no order can be relied on for', () => {
      it('shows no badge in the end, and the same tools, however tool events are ordered and repeated', async () => {
        await fc.assert(
          fc.asyncProperty(toolEventOrders(), async ({ tools, order }) => {
            const body = [...order, doneEvent()]
            const { client, clock } = scripted([{ body }])
            const { stream, field, unmount } = panel(client)
            void stream().startStream('/chat')
            await clock.advance(0)
            expect(field('status')).toBe('done')
            expect(field('badges')).toBe('')
            expect(field('tools').split(' ').sort()).toEqual(tools.map((name) => `${name}:done`).sort())
            unmount()
          }),
          { numRuns: 25 },
        )
      })
    })

    describeDurableRuns(panel)

    describe('ends', () => {
      it('never shows text twice when the connection drops and the request is repeated', async () => {
        const body = [...tokens(4, 30)]
        const { client, clock, requests } = scripted([
          { body, end: 'drop' },
          { networkError: true },
          { body: [...tokens(8, 30), doneEvent()] },
        ])
        const { stream, field } = panel(client)
        const seen = new Set<string>()
        const statuses = new Set<string>()
        void stream().startStream('/chat')
        for (let step = 0; step < 400; step++) {
          await clock.advance(10)
          seen.add(field('text'))
          statuses.add(field('status'))
        }
        const whole = 't0 t1 t2 t3 t4 t5 t6 t7 '
        expect(field('text')).toBe(whole)
        expect(requests.length).toBe(3)
        expect([...statuses]).toEqual(['streaming', 'retrying', 'done'])
        for (const text of seen) expect(whole.startsWith(text), text).toBe(true)
      })

      it('ends with done though the server leaves the connection open', async () => {
        const { client, clock, requests } = scripted([{ body: [...tokens(1), doneEvent()], end: 'hang' }])
        const { stream, field } = panel(client)
        void stream().startStream('/chat')
        await clock.advance(0)
        expect(field('status')).toBe('done')
        expect(requests[0]?.isAborted).toBe(true)
      })

      it('ends, without a badge, when the stream closes without done', async () => {
        const { client, clock } = scripted([{ body: [toolUse('t1', 'search'), ...tokens(1)] }])
        const { stream, field } = panel(client)
        void stream().startStream('/chat')
        await clock.advance(0)
        expect(field('status')).toBe('synthetic-done')
        expect(stream().outcome).toBe('truncated')
        expect(field('badges')).toBe('')
        expect(field('tools')).toBe('search:incomplete')
      })

      it("shows a refusal with the server's words, and asks no second time", async () => {
        const { client, clock, requests } = scripted([
          {
            status: 403,
            headers: { 'content-type': 'application/json' },
            body: ['{"message": "Not yours"}'],
          },
        ])
        const { stream, field } = panel(client)
        void stream().startStream('/chat')
        await clock.advance(60_000)
        expect(field('status')).toBe('error')
        expect(field('error')).toBe('Not yours')
        expect(requests.length).toBe(1)
      })

      it('stops at once, with what has arrived', async () => {
        const body = [...tokens(1), toolUse('t1', 'search'), ...tokens(1)]
        const { client, clock, requests } = scripted([{ body, end: 'hang' }])
        const { stream, field } = panel(client)
        void stream().startStream('/chat')
        await clock.advance(0)
        stream().stop()
        expect(requests[0]?.isAborted).toBe(true)
        await clock.advance(0)
        expect(field('status')).toBe('stopped')
        expect(field('text')).toBe('t0 t0 ')
        expect(field('badges')).toBe('')
      })

      it('forgets the run when it is reset', async () => {
        const { client, clock, requests } = scripted([{ body: tokens(3, 30), end: 'hang' }])
        const { stream, field } = panel(client)
        const idle = field('state')
        void stream().startStream('/chat')
        await clock.advance(40)
        expect(field('state')).not.toBe(idle)
        stream().reset()
        await clock.advance(1000)
        expect(field('state')).toBe(idle)
        expect(requests[0]?.isAborted).toBe(true)
      })

      it('starts the next run afresh', async () => {
        const { client, clock } = scripted([
          { body: [...tokens(3), doneEvent()] },
          { body: [sse({ type: 'token', text: 'second' }), doneEvent()] },
        ])
        const { stream, field } = panel(client)
        void stream().startStream('/chat')
        await clock.advance(0)
        void stream().startStream('/chat')
        await clock.advance(0)
        expect(field('text')).toBe('second')
        expect(field('status')).toBe('done')
      })
    })
  })
}

function fieldOf(root: ParentNode, name: string): string {
  return root.querySelector(`[data-field=${name}]`)?.textContent ?? `no field ${name}`
}

/** The calls and results of up to four tools, some of them twice, in any order. */
function toolEventOrders() {
  return fc
    .uniqueArray(fc.constantFrom('search', 'read', 'write', 'plan'), { minLength: 1 })
    .chain((tools) => {
      const all = tools.flatMap((name) => [toolUse(`id-${name}`, name), toolResult(`id-${name}`, name)])
      return fc
        .subarray(all)
        .chain((repeated) => {
          const events = [...all, ...repeated]
          return fc.shuffledSubarray(events, { minLength: events.length })
        })
        .map((order) => ({ tools, order }))
    })
}

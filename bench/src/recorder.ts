/**
 * `npm run bench:recorder`: what it costs a stream to be recorded: events a second into one file, what is added to
 * each at 2,000 events a second, and both on a disk that does not answer.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { AgentStreamRecorder } from '@agent-stream/server'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '400000' },
    sessions: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
  },
})
const [events, sessions, seconds, rounds] = [
  values.events,
  values.sessions,
  values.seconds,
  values.rounds,
].map(Number) as [number, number, number, number]
if (![events, sessions, seconds, rounds].every((n) => Number.isSafeInteger(n) && n > 0)) {
  console.error('bench: --events, --sessions, --seconds and --rounds take whole numbers from 1 on')
  process.exit(2)
}

const EVENTS_A_SECOND = 2000
const TICK_MS = 5

const words = 'The quick brown fox jumps over the lazy dog and asks for a key , 42 of them '.split(' ')
const chunks = words.map((word) => `event: token\ndata: ${JSON.stringify({ text: `${word} ` })}\n\n`)

async function* source(count: number): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield chunks[i % chunks.length] as string
}

type Pass = (stream: AsyncGenerator<string>) => AsyncGenerator<string>

/** Events a second through all streams at a time. */
async function throughput(record: Pass, finish: () => Promise<void>): Promise<number> {
  const beganMs = performance.now()
  const streams = Array.from({ length: sessions }, () => record(source(Math.ceil(events / sessions))))
  await Promise.all(
    streams.map(async (stream) => {
      let count = 0
      for await (const _ of stream) {
        // Network streams give the event loop its turn.
        if (++count % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
  await finish()
  return (events / (performance.now() - beganMs)) * 1000
}

/** The 99th of 100 waits for an event that is there, in milliseconds, at 2,000 events a second. */
async function waitMs(record: Pass): Promise<{ p50: number; p99: number; max: number }> {
  const stream = record(source(Number.POSITIVE_INFINITY))
  const waits: number[] = []
  const beganMs = performance.now()
  for (let nowMs = beganMs; nowMs < beganMs + seconds * 1000; nowMs = performance.now()) {
    const due = ((nowMs - beganMs) / 1000) * EVENTS_A_SECOND
    while (waits.length < due) {
      const askedMs = performance.now()
      await stream.next()
      waits.push(performance.now() - askedMs)
    }
    await sleep(TICK_MS)
  }
  await stream.return(undefined)
  waits.sort((a, b) => a - b)
  const at = (share: number) => waits[Math.floor((waits.length - 1) * share)] as number
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

const folder = mkdtempSync(join(tmpdir(), 'agent-stream-bench-'))
const quiet = { onError: () => undefined }
const stalled = {
  disk: {
    list: async () => [],
    open: async () => ({
      sizeBytes: 0,
      write: () => new Promise<number>(() => undefined),
      close: async () => undefined,
    }),
  },
}
let files = 0
const contestants: readonly (readonly [string, () => AgentStreamRecorder | undefined])[] = [
  ['not recorded', () => undefined],
  ['recorded', () => new AgentStreamRecorder(join(folder, `${++files}.jsonl`))],
  ['not scrubbed', () => new AgentStreamRecorder(join(folder, `${++files}.jsonl`), { scrub: false })],
  ['disk stalled', () => new AgentStreamRecorder(join(folder, 'stalled.jsonl'), quiet, stalled)],
]

console.log(`Node ${process.version}, ${events} events of ${sessions} streams into one file\n`)
console.log('               events/s   p50 ms   p99 ms   max ms    dropped   RSS MB')
for (let round = 0; round < rounds; round++) {
  for (const [name, create] of contestants) {
    const recorder = create()
    const record: Pass = (stream) => recorder?.record(stream) ?? stream
    const perSecond = await throughput(record, async () =>
      recorder?.close(name === 'disk stalled' ? 100 : 5000),
    )
    const paced = create()
    const { p50, p99, max } = await waitMs((stream) => paced?.record(stream) ?? stream)
    await paced?.close(100)
    const dropped = recorder?.stats.dropped ?? 0
    const figures = [
      perSecond.toFixed(0).padStart(9),
      ...[p50, p99, max].map((ms) => ms.toFixed(4).padStart(8)),
      String(dropped).padStart(10),
      (process.memoryUsage().rss / 2 ** 20).toFixed(0).padStart(8),
    ]
    console.log(`${name.padEnd(14)}${figures.join(' ')}`)
  }
}
const sizeMb = statSync(join(folder, '1.jsonl')).size / 2 ** 20
console.log(`\n${sizeMb.toFixed(0)} MB for ${events} events`)
rmSync(folder, { recursive: true })

/**
 * Appends to many runs at a time until it is killed: `node writer.ts <store> <place> <seed>`. Says on stdout what was
 * acknowledged, a line each: `<run> <seq>`, `<run> <seq> end`, `<run> asked <name>`.
 */
import { randomBytes } from 'node:crypto'

import type { Lease, LogEvent, RunStore } from '../../../src/index.ts'
import { expectedEvent, intentOf } from './expected.ts'
import { between, seededRandom } from './random.ts'
import { crashStores } from './stores.ts'

const RUNS = 16
const EVENTS_A_RUN = 400
/** Longer than any writer lives: only its death ends a lease. */
const LEASE_MS = 5000

const [storeName = '', place = '', seed = ''] = process.argv.slice(2)
const random = seededRandom(Number(seed))
const store = await (crashStores[storeName] as { open(place: string): Promise<RunStore> }).open(place)

// A pipe is written at once: what is said here was said, whatever happens next.
const say = (...words: (string | number)[]) => process.stdout.write(`${words.join(' ')}\n`)

async function newRun(): Promise<Lease> {
  const record = {
    runId: randomBytes(16).toString('hex'),
    owner: 'crash',
    startedAt: new Date().toISOString(),
    input: 'null',
    bodyHash: '',
  }
  const { epoch } = await store.create(record, LEASE_MS)
  say(record.runId, 0)
  return { runId: record.runId, epoch: epoch as number }
}

/** A run that the last writer left, or a new one. */
async function nextRun(left: string[]): Promise<Lease> {
  for (let runId = left.pop(); runId !== undefined; runId = left.pop()) {
    const lease = await store.claim(runId, LEASE_MS)
    if (lease) return lease
  }
  return newRun()
}

async function work(left: string[]): Promise<void> {
  for (;;) {
    const lease = await nextRun(left)
    const { runId, epoch } = lease
    const { last, end } = (await store.get(runId)) ?? { last: 0 }
    for (let seq = last; !end && seq < EVENTS_A_RUN; ) {
      const next = Math.min(EVENTS_A_RUN, seq + between(random, 1, 4))
      const hasEnded = next === EVENTS_A_RUN
      await store.append(runId, epoch, eventsOf(runId, seq + 1, next), hasEnded ? endNow() : undefined)
      seq = next
      say(runId, seq, ...(hasEnded ? ['end'] : []))
      if (random() > 0.02) continue
      await store.putIntent(runId, intentOf(seq), runId)
      say(runId, 'asked', intentOf(seq))
    }
    await store.release(lease, true)
  }
}

const endNow = () => ({ atMs: Date.now(), outcome: 'complete' })

function eventsOf(runId: string, from: number, to: number): LogEvent[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    ...expectedEvent(runId, from + i),
    atMs: Date.now(),
  }))
}

const left = [...(await store.claimable())]
say('ready')
await Promise.all(Array.from({ length: RUNS }, () => work(left)))

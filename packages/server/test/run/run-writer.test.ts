import { createFold } from '@agent-stream/protocol'
import { describe, expect, it } from 'vitest'

import { LogError, memoryLog } from '../../src/index.ts'
import { storable } from '../../src/run/run-event.ts'
import { createRunWriter } from '../../src/run/run-writer.ts'
import { record } from '../http/run-server-harness.ts'

/** A writer whose log takes everything, until it says that it ends with event number `last`. */
async function open() {
  const log = memoryLog()
  const run = record()
  await log.create(run, 1000)
  const appended: number[] = []
  let rewoundTo: number | undefined
  const writer = createRunWriter({
    log: {
      ...log,
      async append(_, __, events) {
        const last = rewoundTo
        rewoundTo = undefined
        if (last !== undefined) throw new LogError('rewound', `ends with event ${last}`, { last })
        appended.push(events.length)
      },
    },
    lease: { runId: run.runId, epoch: 1 },
    fold: createFold(),
    onLost: () => undefined,
    signal: new AbortController().signal,
  })
  const rewind = (last: number) => {
    rewoundTo = last
  }
  return { writer, appended, rewind }
}

const token = storable({ type: 'token', text: 'x' })
const turn = storable({ type: 'turn', turnNumber: 1, totalTools: 0 })

describe('a writer of many tiny events', () => {
  it('keeps thousands of them for a log that comes back without them', async () => {
    const { writer, appended, rewind } = await open()
    for (let i = 0; i < 20_000; i++) await writer.write(token)
    await writer.write(turn)
    rewind(20_001 - 4000)
    await writer.write(turn)
    expect(appended.at(-1)).toBe(4001)
  })

  it('and not all of them: a run that waits for days would hold them', async () => {
    const { writer, rewind } = await open()
    for (let i = 0; i < 20_000; i++) await writer.write(token)
    await writer.write(turn)
    rewind(20_001 - 10_000)
    await expect(writer.write(turn)).rejects.toMatchObject({ code: 'rewound' })
  })
})

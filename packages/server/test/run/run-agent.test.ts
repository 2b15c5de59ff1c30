import { describe, expect, it } from 'vitest'

import type { Agent } from '../../src/index.ts'
import { createPuller } from '../../src/run/puller.ts'
import { createReader, openServer } from '../http/run-server-harness.ts'

describe('an agent', () => {
  it('that throws nothing at all has failed', async () => {
    const agent: Agent = async function* () {
      yield { type: 'token', text: 'a' }
      throw undefined
    }
    const reader = createReader(await openServer({ agent }).call.start())
    await reader.toEnd()
    expect(reader.state).toMatchObject({ outcome: 'failed', error: { errorType: 'agent_error' } })
  })

  it('that yields more than a reader takes is told, and its run stays readable', async () => {
    const agent: Agent = async function* () {
      yield { type: 'token', text: 'a' }
      yield { type: 'token', text: 'b'.repeat(2 ** 24) }
    }
    const { call, errors } = openServer({ agent })
    const reader = createReader(await call.start())
    await reader.toEnd()
    expect(reader.state).toMatchObject({ text: 'a', error: { errorType: 'agent_error' }, reconciled: true })
    expect(String(errors[0])).toContain('yield it in parts')
  })

  it.each([
    ['returns no promise', () => undefined],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
  ])('whose iterator %s when it is told to return is let go of', async (_, leave) => {
    const iterator = { next: () => new Promise(() => undefined), return: leave }
    const source = { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<unknown>
    const puller = createPuller(source)
    const next = puller.next()
    puller.interrupt()
    expect(await next).toEqual({ done: true, value: undefined })
  })
})

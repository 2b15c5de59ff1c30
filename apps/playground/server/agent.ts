import { setTimeout } from 'node:timers/promises'
import type { Agent } from '@agent-stream/server'
import type { Recording } from './catalogue.ts'
import { scriptOf } from './script.ts'
import { readStreamRequest } from './stream-request.ts'

/**
 * An agent that plays recordings. It can continue: what the log has of its run already is not played again, and a
 * question that was asked is not asked twice.
 */
export function createPlayingAgent(catalogue: ReadonlyMap<string, Recording>): Agent {
  return async function* play({ input, state, signal, requestInput }) {
    const request = readStreamRequest(input)
    if ('problem' in request) throw new Error(request.problem)
    const { events } = catalogue.get(request.recording) ?? {}
    if (!events) throw new Error(`There is no recording "${request.recording}".`)
    const script = scriptOf(events, request)
    // After `run_started`.
    let logged = state.seq.last - 1
    let dueMs = performance.now()
    for (let next = script.next(); !next.done; ) {
      const step = next.value
      if (logged <= 0) {
        dueMs += step.waitMs
        const waitMs = dueMs - performance.now()
        if (waitMs >= 1) await setTimeout(waitMs, undefined, { signal })
      }
      if ('question' in step) {
        next = script.next(await requestInput(step.question))
        // The question and its answer.
        logged -= 2
        dueMs = performance.now()
      } else {
        if (logged <= 0) yield step.event
        logged--
        next = script.next()
      }
    }
  }
}

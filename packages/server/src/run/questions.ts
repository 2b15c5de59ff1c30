import type { AgentEvent } from '@agent-stream/protocol'

import { InputExpired, type Question } from './agent.ts'
import { decodeSettlement, encodeSettlement, inputIntent, type Settlement } from './intents.ts'
import { type StorableEvent, storable } from './run-event.ts'

/** The questions of one run: asked by its agent, answered through intents. */
export interface Questions {
  /** Takes note of an event that the log holds already. */
  replay(event: AgentEvent): void
  /** Asks and waits, until the signal is aborted. */
  ask(question: Question, signal: AbortSignal): Promise<unknown>
  /** What an intent says. Any number of times. */
  settle(inputId: string, settlement: Settlement): void
}

export interface QuestionsOptions {
  readonly write: (event: StorableEvent) => Promise<void>
  /** Stores an intent; returns the one that counts. */
  readonly putIntent: (name: string, value: string) => Promise<string>
}

interface Entry {
  readonly expiresAtMs: number
  settlement?: Settlement
  /** Resolves when the log has the settlement. */
  settled?: Promise<Settlement>
  wake?: () => void
}

/** `setTimeout` takes no more: 24.8 days. */
const MAX_TIMEOUT_MS = 2_147_483_647

export function createQuestions({ write, putIntent }: QuestionsOptions): Questions {
  const entries = new Map<string, Entry>()
  let asked = 0

  async function settlementOf(inputId: string, entry: Entry, signal: AbortSignal): Promise<Settlement> {
    while (!entry.settlement) {
      signal.throwIfAborted()
      const leftMs = entry.expiresAtMs - Date.now()
      if (leftMs <= 0) entry.settlement = await expire(inputId)
      else await woken(entry, Math.min(leftMs, MAX_TIMEOUT_MS), signal)
    }
    const answer = 'answer' in entry.settlement && entry.settlement
    await write(storable({ type: 'input_received', inputId, ...answer }))
    return entry.settlement
  }

  /** An answer that was stored before counts. */
  async function expire(inputId: string): Promise<Settlement> {
    return decodeSettlement(await putIntent(inputIntent(inputId), encodeSettlement({ isExpired: true })))
  }

  function woken(entry: Entry, ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake)
      entry.wake = wake
    })
  }

  return {
    replay(event) {
      if (event.type === 'input_required') {
        entries.set(event.inputId, { expiresAtMs: Date.parse(event.expiresAt ?? '') || Infinity })
      }
      const entry = event.type === 'input_received' && entries.get(event.inputId)
      if (!entry) return
      entry.settlement = 'answer' in event ? { answer: event.answer } : { isExpired: true }
      entry.settled = Promise.resolve(entry.settlement)
    },

    async ask({ expiresInMs, inputId = `input-${++asked}`, ...question }, signal) {
      signal.throwIfAborted()
      let entry = entries.get(inputId)
      if (!entry) {
        const expiresAtMs = expiresInMs === undefined ? Infinity : Date.now() + expiresInMs
        entry = { expiresAtMs }
        entries.set(inputId, entry)
        await write(
          storable({
            type: 'input_required',
            kind: 'question',
            message: '',
            ...question,
            inputId,
            ...(expiresInMs !== undefined && { expiresAt: new Date(expiresAtMs).toISOString() }),
          }),
        )
      }
      entry.settled ??= settlementOf(inputId, entry, signal)
      const settlement = await entry.settled
      if ('answer' in settlement) return settlement.answer
      throw new InputExpired(inputId)
    },

    settle(inputId, settlement) {
      const entry = entries.get(inputId)
      if (!entry || entry.settlement) return
      entry.settlement = settlement
      entry.wake?.()
    },
  }
}

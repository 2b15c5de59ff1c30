import type { AgentEvent } from '@agent-stream/protocol'

import { MAX_TIMEOUT_MS } from '../log/when-available.ts'
import { InputExpired, type Question } from './agent.ts'
import { decodeSettlement, encodeSettlement, inputIntent, MAX_ID_CHARS, type Settlement } from './intents.ts'
import { type StorableEvent, storable } from './run-event.ts'

/** The questions of one run: asked by its agent, answered through intents. */
export interface Questions {
  /** Takes note of an event that the log holds already. */
  replay(event: AgentEvent): void
  /** Asks and waits, until the signal is aborted. */
  ask(question: Question, signal: AbortSignal): Promise<unknown>
  /** What an intent says: the first time counts, also before the question is asked. */
  settle(inputId: string, settlement: Settlement): void
}

export interface QuestionsOptions {
  readonly write: (event: StorableEvent) => Promise<void>
  /** Stores an intent; returns the one that counts. */
  readonly putIntent: (name: string, value: string) => Promise<string>
}

interface Entry {
  readonly expiresAtMs: number
  /** Resolves when the log has the settlement. */
  settled?: Promise<Settlement>
  wake?: () => void
}

export function createQuestions({ write, putIntent }: QuestionsOptions): Questions {
  const entries = new Map<string, Entry>()
  /** Also of questions that the log has, and that were not read from it yet. */
  const settlements = new Map<string, Settlement>()
  let asked = 0

  async function settlementOf(inputId: string, entry: Entry, signal: AbortSignal): Promise<Settlement> {
    let settlement = settlements.get(inputId)
    while (!settlement) {
      signal.throwIfAborted()
      const leftMs = entry.expiresAtMs - Date.now()
      if (leftMs <= 0) settlements.set(inputId, await expire(inputId))
      else await woken(entry, Math.min(leftMs, MAX_TIMEOUT_MS), signal)
      settlement = settlements.get(inputId)
    }
    const answer = 'answer' in settlement && settlement
    await write(storable({ type: 'input_received', inputId, ...answer }))
    return settlement
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

  async function ask(
    { expiresInMs, inputId = `input-${++asked}`, ...question }: Question,
    signal: AbortSignal,
  ): Promise<unknown> {
    signal.throwIfAborted()
    let entry = entries.get(inputId)
    if (!entry) {
      checkId(inputId)
      const expiresAtMs = expiryMs(expiresInMs)
      const event = storable({
        type: 'input_required',
        kind: 'question',
        message: '',
        ...question,
        inputId,
        ...(expiresAtMs < Infinity && { expiresAt: new Date(expiresAtMs).toISOString() }),
      })
      entry = { expiresAtMs }
      entries.set(inputId, entry)
      await write(event)
    }
    entry.settled ??= settlementOf(inputId, entry, signal)
    const settlement = await entry.settled
    if ('answer' in settlement) return settlement.answer
    throw new InputExpired(inputId)
  }

  return {
    replay(event) {
      if (event.type === 'input_required') {
        entries.set(event.inputId, { expiresAtMs: Date.parse(event.expiresAt ?? '') || Infinity })
      }
      const entry = event.type === 'input_received' && entries.get(event.inputId)
      if (!entry) return
      entry.settled = Promise.resolve('answer' in event ? { answer: event.answer } : { isExpired: true })
    },

    ask(question, signal) {
      const answer = ask(question, signal)
      // An agent that asks now and awaits later may be cancelled in between: that must not end the process.
      answer.catch(() => undefined)
      return answer
    },

    settle(inputId, settlement) {
      if (settlements.has(inputId)) return
      settlements.set(inputId, settlement)
      entries.get(inputId)?.wake?.()
    },
  }
}

/** Another one could never be answered over HTTP. */
function checkId(inputId: unknown): void {
  if (typeof inputId === 'string' && inputId !== '' && inputId.length <= MAX_ID_CHARS) return
  throw new TypeError(`requestInput: expected an "inputId" of 1 to ${MAX_ID_CHARS} characters`)
}

/** The last moment that a date can say. */
const MAX_DATE_MS = 8.64e15

function expiryMs(expiresInMs = Infinity): number {
  if (typeof expiresInMs !== 'number' || Number.isNaN(expiresInMs)) {
    throw new TypeError(`requestInput: "expiresInMs" is ${expiresInMs}; expected milliseconds`)
  }
  const atMs = Date.now() + Math.max(0, expiresInMs)
  return atMs <= MAX_DATE_MS ? atMs : Infinity
}

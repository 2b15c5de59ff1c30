import type { RunEnd } from '../log/event-log.ts'
import type { RunFilter, RunInfo, RunStore } from '../log/run-store.ts'
import {
  CANCEL,
  cancelToolIntent,
  decodeSettlement,
  encodeSettlement,
  inputIntent,
  MAX_ID_CHARS,
  MAX_INTENTS,
  type Settlement,
} from '../run/intents.ts'
import type { StoredState } from '../run/run-state.ts'
import { HttpError, json } from './http-error.ts'

/** What a run is in a list. */
export function describeRun(
  run: Pick<RunInfo, 'runId' | 'startedAt' | 'last'> & { readonly end?: RunEnd | undefined },
): Readonly<Record<string, unknown>> {
  const { runId, startedAt, last, end } = run
  return {
    run_id: runId,
    status: end ? 'ended' : 'running',
    ...(end && { outcome: end.outcome }),
    started_at: startedAt,
    ...(end && { ended_at: new Date(end.atMs).toISOString() }),
    last_seq: last,
  }
}

/** The filter of a list's query. */
export function readFilter(query: URLSearchParams, owner: string): RunFilter {
  const status = query.get('status')
  if (status !== null && status !== 'running' && status !== 'ended') {
    throw new HttpError('invalid_request', 'status: expected running or ended')
  }
  const sinceMs = readTime(query, 'since')
  const beforeMs = readTime(query, 'before')
  const limit = Number(query.get('limit') ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new HttpError('invalid_request', 'limit: expected an integer from 1 to 1000')
  }
  return {
    owner,
    limit,
    ...(status && { status }),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(beforeMs !== undefined && { beforeMs }),
  }
}

function readTime(query: URLSearchParams, name: string): number | undefined {
  const given = query.get(name)
  if (given === null) return undefined
  const ms = Date.parse(given)
  if (!Number.isNaN(ms)) return ms
  throw new HttpError('invalid_request', `${name}: expected a time like 2026-01-02T03:04:05Z`)
}

/** Settles a question: the first answer counts. */
export async function answerInput(
  log: RunStore,
  info: RunInfo,
  body: Readonly<Record<string, unknown>>,
  readState: (runId: string) => Promise<StoredState>,
): Promise<Response> {
  const { runId } = info
  const inputId = readId(body, 'input_id')
  const { answer } = body
  if (inputId === undefined || answer === undefined) {
    throw new HttpError('invalid_request', 'Expected {"input_id": "…", "answer": …}')
  }
  const name = inputIntent(inputId)
  const earlier = (await log.intents(runId)).get(name)
  if (earlier !== undefined) return answerGiven(inputId, answer, decodeSettlement(earlier))
  const { state, hasEnded } = await readState(runId)
  const question = state.pendingInputs.find((input) => input.inputId === inputId)
  if (!question) {
    // It may have been settled since we looked.
    const settled = (await log.intents(runId)).get(name)
    if (settled !== undefined) return answerGiven(inputId, answer, decodeSettlement(settled))
    throw new HttpError('unknown_input', 'The run has asked no question of this input_id')
  }
  if (hasEnded) throw new HttpError('run_ended', 'The run has ended: nobody waits for the answer')
  const isExpired = Date.parse(question.expiresAt ?? '') <= Date.now()
  const settlement: Settlement = isExpired ? { isExpired } : { answer }
  const stored = await log.putIntent(runId, name, encodeSettlement(settlement))
  return answerGiven(inputId, answer, decodeSettlement(stored))
}

function answerGiven(inputId: string, answer: unknown, stored: Settlement): Response {
  if (!('answer' in stored)) throw new HttpError('input_expired', 'The question has expired')
  if (sortedJson(stored.answer) === sortedJson(answer)) return json({ input_id: inputId, answer })
  throw new HttpError('input_answered', 'The question has been answered otherwise', {
    details: { answer: stored.answer },
  })
}

/** Stores the wish to end the run, or one of its tool calls. */
export async function cancelRun(
  log: RunStore,
  { runId, end }: RunInfo,
  body: Readonly<Record<string, unknown>>,
): Promise<Response> {
  const toolUseId = readId(body, 'tool_use_id')
  if (end) return json({ run_id: runId, status: 'ended' })
  if (toolUseId !== undefined && (await log.intents(runId)).size >= MAX_INTENTS) {
    throw new HttpError('overloaded', `The run keeps ${MAX_INTENTS} wishes and answers, and has them`)
  }
  await log.putIntent(runId, toolUseId === undefined ? CANCEL : cancelToolIntent(toolUseId), 'true')
  return json({ run_id: runId, status: 'cancelling' }, 202)
}

function readId(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const id = body[name]
  if (id === undefined) return undefined
  if (typeof id === 'string' && id !== '' && id.length <= MAX_ID_CHARS) return id
  throw new HttpError('invalid_request', `${name}: expected a string of 1 to ${MAX_ID_CHARS} characters`)
}

/** Equal for equal JSON values, whatever the order of their keys. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

import { EMPTY_RUN_STATE, type Part, type RunState } from '@agent-stream/protocol'

import { plain } from './difference.ts'
import type { RecordingRun } from './run-recording.ts'

/** As Vitest's flag has it: write what differs, write what is missing, write nothing. */
export type UpdateMode = 'all' | 'new' | 'none'

type JsonObject = Readonly<Record<string, unknown>>

/** `night.jsonl` → `night.expected.json` */
export function expectedFileOf(recordingPath: string): string {
  return `${recordingPath.replace(/\.jsonl$/, '')}.expected.json`
}

/**
 * The state in which the run ended, as it is written beside the recording: without what is as in the empty state, and
 * with a tool among the parts named by its place in `tools`.
 */
export function endStateOf({ final }: RecordingRun): JsonObject {
  const { status, text, isStreaming: _, isDone: _done, isStalled: _stalled, retry: _retry, ...rest } = final
  const { parts, ...state }: Partial<RunState> = Object.fromEntries(
    Object.entries(rest).filter(([key, value]) => !isEmpty(key as keyof RunState, value)),
  )
  const named = parts?.map((part: Part) =>
    part.type === 'tool' ? { type: 'tool', tool: final.tools.indexOf(part.tool) } : part,
  )
  return plain({ status, outcome: final.outcome, text, ...state, parts: named }) as JsonObject
}

function isEmpty(key: keyof RunState, value: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(EMPTY_RUN_STATE[key])
}

/**
 * The state in which a session is expected to end: what the file says, or, as far as `mode` has it written, `actual`.
 * `sessionIds` are those that the recording has: an update forgets all others. Throws where nothing is expected yet
 * and nothing may be written.
 */
export function expectedState(
  file: string,
  sessionId: string,
  actual: JsonObject,
  mode: UpdateMode,
  sessionIds: readonly string[] = [sessionId],
): JsonObject {
  const known = readExpected(file)
  const expected = known[sessionId]
  if (expected !== undefined && (mode !== 'all' || isSame(expected, actual))) return expected
  if (mode === 'none') {
    throw new Error(
      `${file} has no expected state of session ${sessionId}, and none is written in CI. Run the tests on your own ` +
        'machine, look at what they write, and commit it',
    )
  }
  const all = { ...known, [sessionId]: actual }
  const kept = Object.entries(all).filter(([id]) => mode === 'new' || sessionIds.includes(id))
  write(file, Object.fromEntries(kept))
  return actual
}

function readExpected(file: string): Readonly<Record<string, JsonObject>> {
  if (!existsSync(file)) return {}
  try {
    const { sessions } = JSON.parse(readFileSync(file, 'utf8')) as { sessions?: Record<string, JsonObject> }
    if (typeof sessions === 'object' && sessions !== null) return sessions
  } catch {
    // Told below, like JSON of another shape.
  }
  throw new Error(`${file} holds no expected states ({"sessions": {…}}). Delete it to have it written anew`)
}

function isSame(a: JsonObject, b: JsonObject): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** In one step, so that no other reader sees half of it. */
function write(file: string, sessions: Readonly<Record<string, JsonObject>>): void {
  const draft = `${file}.${process.pid}.tmp`
  writeFileSync(draft, `${JSON.stringify({ sessions }, null, 2)}\n`)
  renameSync(draft, file)
}

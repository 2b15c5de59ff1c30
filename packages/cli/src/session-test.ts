import type { RecordedSession } from '@agent-stream/protocol'
import { INVARIANTS, type RecordingRun, type RunOptions, runRecording } from '@agent-stream/test-harness'

import {
  differences,
  endStateOf,
  expectedFileOf,
  expectedState,
  type UpdateMode,
} from '@agent-stream/test-harness/expected'

/** What is against a session, with what it is against. */
export interface Violation {
  /** An invariant's name, or `ends in the expected state`. */
  readonly of: string
  readonly message: string
}

export interface ExpectedStates {
  readonly recording: string
  readonly mode: UpdateMode
}

/** Plays the session to the real client, and holds the run against the invariants and the state beside its file. */
export async function testSession(
  session: RecordedSession,
  options: RunOptions,
  expected: ExpectedStates | null,
): Promise<Violation[]> {
  const run = await runRecording(session, options)
  const violations: Violation[] = []
  for (const invariant of INVARIANTS) {
    const found = await invariant.violations(run, (change) =>
      runRecording(change.session ?? session, { ...options, ...change, speed: 0 }),
    )
    violations.push(...found.map((message) => ({ of: invariant.name, message })))
  }
  return expected ? [...violations, ...endStateViolations(run, expected)] : violations
}

function endStateViolations(run: RecordingRun, { recording, mode }: ExpectedStates): Violation[] {
  const of = 'ends in the expected state'
  const actual = endStateOf(run)
  try {
    const expected = expectedState(expectedFileOf(recording), run.session.id, actual, mode)
    return differences(actual, expected).map((message) => ({ of, message }))
  } catch (error) {
    return [{ of, message: (error as Error).message }]
  }
}

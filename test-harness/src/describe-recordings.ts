import { globSync } from 'node:fs'
import { resolve } from 'node:path'

import type { RecordedSession, RecordingProblemCode } from '@agent-stream/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { differences } from './difference.ts'
import { endStateOf, expectedFileOf, expectedState } from './expected-state.ts'
import { type AnyRun, INVARIANTS, type Invariant, REDUCER_INVARIANTS, type Rerun } from './invariant.ts'
import { brokenMessage, rerunOf, stateMessage, updateMode } from './matchers.ts'
import { loadRecording } from './recording-file.ts'
import { type Reducer, type ReducerOptions, type ReducerRun, runReducer } from './reducer.ts'
import { type RecordingRun, type RunOptions, runRecording } from './run-recording.ts'

export interface DescribeClientOptions extends RunOptions {
  /** The folder that the pattern is relative to. Default: the working directory. */
  readonly cwd?: string
  /** Default `INVARIANTS`. */
  readonly invariants?: readonly Invariant[]
  /** Whether the end states are held against the files beside the recordings. Default true. */
  readonly expectedStates?: boolean
  /** Whether those files are written anew. Default: as `vitest -u` says. */
  readonly update?: boolean
}

export interface DescribeReducerOptions<State> extends ReducerOptions {
  readonly cwd?: string
  /** Is given the events in place of this project's client. No expected states are read or written. */
  readonly reducer: Reducer<State>
  /** Default `REDUCER_INVARIANTS`. */
  readonly invariants?: readonly Invariant<ReducerRun>[]
}

/** One way to test a session: how it is run, and what is held against it. */
interface Trial<Run extends AnyRun> {
  readonly run: (session: RecordedSession) => Promise<Run>
  readonly rerun: (run: Run) => Rerun<Run>
  readonly invariants: readonly Invariant<Run>[]
  readonly expectEndState?: (run: Run, path: string, sessionIds: readonly string[]) => void
}

/**
 * Makes a suite of recordings: for each session of each file, a test for each invariant, and one that its end state
 * is the expected one. That is written beside the recording on the first run, except in CI, and compared after.
 */
export function describeRecordings<State = never>(
  pattern: string | readonly string[],
  options: DescribeClientOptions | DescribeReducerOptions<State> = {},
): void {
  const { cwd = process.cwd() } = options
  const patterns = typeof pattern === 'string' ? [pattern] : [...pattern]
  const paths = globSync(patterns, { cwd }).sort()
  describe('recordings', () => {
    if (paths.length === 0) {
      it('are found', () => {
        expect.fail(`describeRecordings: no file in ${cwd} matches ${patterns.join(', ')}`)
      })
    }
    for (const path of paths) {
      describe(path, () => {
        const file = resolve(cwd, path)
        if ('reducer' in options) describeFile(file, reducerTrial(options))
        else describeFile(file, clientTrial(options))
      })
    }
  })
}

function clientTrial(options: DescribeClientOptions): Trial<RecordingRun> {
  const { cwd: _, invariants = INVARIANTS, expectedStates = true, update, ...runOptions } = options
  return {
    run: (session) => runRecording(session, runOptions),
    rerun: (run) => rerunOf(runOptions, run),
    invariants,
    ...(expectedStates && {
      expectEndState(run, path, sessionIds) {
        const file = expectedFileOf(path)
        const actual = endStateOf(run)
        const mode = update ? 'all' : updateMode(expect.getState())
        const expected = expectedState(file, run.session.id, actual, mode, sessionIds)
        const found = differences(actual, expected)
        if (found.length > 0) expect(actual, stateMessage(file, found)).toEqual(expected)
      },
    }),
  }
}

function reducerTrial<State>(options: DescribeReducerOptions<State>): Trial<ReducerRun> {
  const { cwd: _, invariants = REDUCER_INVARIANTS, reducer, ...runOptions } = options
  return {
    run: (session) => runReducer(session, reducer, runOptions),
    rerun: (run) => (change) =>
      runReducer(change.session ?? run.session, reducer, { ...runOptions, ...change }),
    invariants,
  }
}

/** Lines whose events are lost. A crash tears the last one, and a foreign one never held an event. */
const DAMAGE: ReadonlySet<RecordingProblemCode> = new Set([
  'not_json',
  'no_session',
  'bad_checksum',
  'line_too_long',
])

/** What a suite is made of: the sessions themselves are held only while their file is tested. */
function contentsOf(path: string): { readonly ids: readonly string[]; readonly problem: string | undefined } {
  const { sessions, problems } = loadRecording(path)
  const isEmpty = sessions.length === 0
  const told = problems.filter(({ code }) => isEmpty || DAMAGE.has(code)).map(({ message }) => message)
  const first = told.slice(0, 5).join('; ')
  const problem = isEmpty
    ? `${path} holds no session: ${first || 'it is empty'}`
    : first && `${path}: ${first}`
  return { ids: sessions.map(({ id }) => id), problem: problem || undefined }
}

function describeFile<Run extends AnyRun>(path: string, trial: Trial<Run>): void {
  const { ids, problem } = contentsOf(path)
  if (problem !== undefined) it('is whole', () => expect.fail(problem))
  let sessions: readonly RecordedSession[] = []
  beforeAll(() => {
    sessions = loadRecording(path).sessions
  })
  afterAll(() => {
    sessions = []
  })
  for (const [index, id] of ids.entries()) {
    describe(`session ${id}`, () => {
      let run: Run | undefined
      beforeAll(async () => {
        run = await trial.run(sessions[index] as RecordedSession)
      })
      afterAll(() => {
        run = undefined
      })
      for (const { name, violations } of trial.invariants) {
        it(name, async () => {
          const broken = await violations(run as Run, trial.rerun(run as Run))
          if (broken.length > 0) expect.fail(brokenMessage(broken))
        })
      }
      const { expectEndState } = trial
      if (expectEndState) it('ends in the expected state', () => expectEndState(run as Run, path, ids))
    })
  }
}

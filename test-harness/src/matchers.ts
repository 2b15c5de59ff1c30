import type { RunState } from '@agent-stream/protocol'
import { expect, type MatcherState } from 'vitest'

import { differences } from './difference.ts'
import { endStateOf, expectedState, type UpdateMode } from './expected-state.ts'
import { type AnyRun, INVARIANTS, type Invariant, type Rerun } from './invariant.ts'
import type { RunView } from './reducer.ts'
import { type RecordingRun, type RunOptions, runRecording } from './run-recording.ts'

type Outcome = NonNullable<RunState['outcome']>
/** A run, or a snapshot of one. */
type Ended = AnyRun | RunView

interface RecordingMatchers<R> {
  /** The run, or the run of the snapshot, has ended, with this outcome if one is given. */
  toHaveEnded: (outcome?: Outcome) => R
  /** No tool runs in the snapshot, or at the end of the run. */
  toHaveNoToolRunning: () => R
  /** The lifecycle of the run went through these states after `idle`, in this order. */
  toHaveTransitions: (states: readonly string[]) => R
  /** The run keeps the invariants, by default all. `options`: those that it was run with. */
  toKeepInvariants: (options?: RunOptions, invariants?: readonly Invariant[]) => Promise<void>
  /** The run ended in the state that the file holds for its session; written when it is missing, or on `vitest -u`. */
  toMatchExpectedState: (file: string) => R
}

declare module 'vitest' {
  // The declaration that this is merged with has these parameters.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends RecordingMatchers<R> {}
}

expect.extend({
  toHaveEnded(received: Ended, outcome?: Outcome) {
    const { isDone, outcome: actual } = viewOf(received)
    const pass = isDone && (outcome === undefined || actual === outcome)
    const is = isDone ? `ended${actual ? ` ${actual}` : ''}` : 'is still going on'
    const wanted = outcome ? `to end ${outcome}` : 'to have ended'
    return { pass, message: () => `The run ${is}; it was expected ${pass ? 'not ' : ''}${wanted}` }
  },

  toHaveNoToolRunning(received: Ended) {
    const { activeTools } = viewOf(received)
    const pass = activeTools.length === 0
    return { pass, message: () => (pass ? 'No tool is running' : `Still running: ${activeTools.join(', ')}`) }
  },

  toHaveTransitions({ transitions }: RecordingRun, states: readonly string[]) {
    const actual = transitions.map(({ to }) => to)
    return {
      pass: this.equals(actual, states),
      message: () => `The lifecycle was ${['idle', ...actual].join(' → ')}`,
      actual,
      expected: states,
    }
  },

  async toKeepInvariants(run: RecordingRun, options: RunOptions = {}, invariants = INVARIANTS) {
    const rerun = rerunOf(options, run)
    const broken: string[] = []
    for (const { name, violations } of invariants) {
      for (const violation of await violations(run, rerun)) broken.push(`${name}: ${violation}`)
    }
    return { pass: broken.length === 0, message: () => brokenMessage(broken) }
  },

  toMatchExpectedState(run: RecordingRun, file: string) {
    const actual = endStateOf(run)
    const expected = expectedState(file, run.session.id, actual, updateMode(this))
    const found = differences(actual, expected)
    return {
      pass: found.length === 0,
      message: () => stateMessage(file, found),
      actual,
      expected,
    }
  },
})

/** Plays the session of `run` to the client again, at once. */
export function rerunOf(options: RunOptions, { session }: AnyRun): Rerun<RecordingRun> {
  return (change) => runRecording(change.session ?? session, { ...options, ...change, speed: 0 })
}

/** What Vitest's flags say about snapshots. */
export function updateMode({ snapshotState }: Pick<MatcherState, 'snapshotState'>): UpdateMode {
  return snapshotState.snapshotUpdateState
}

export function brokenMessage(broken: readonly string[]): string {
  return broken.length === 0 ? 'All invariants hold' : broken.join('\n')
}

export function stateMessage(file: string, found: readonly string[]): string {
  if (found.length === 0) return `The end state is the one in ${file}`
  return `The end state is not the one in ${file}; if it is right, run vitest -u:\n${found.join('\n')}`
}

function viewOf(received: Ended): RunView & { readonly outcome?: unknown } {
  const view = 'final' in received ? received.final : received
  if (typeof view?.isDone === 'boolean' && Array.isArray(view.activeTools)) return view
  throw new TypeError('expected a run of runRecording or runReducer, or a snapshot of a client')
}

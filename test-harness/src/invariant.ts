import {
  createFold,
  decodePayload,
  type RecordedEvent,
  type RecordedSession,
  type RunState,
} from '@agent-stream/protocol'

import type { Chunking } from './chunking.ts'
import { differences } from './difference.ts'
import { type Fault, isEventFault } from './fault.ts'
import { illegalTransitions, revivedTools } from './legal-transitions.ts'
import type { ReducerRun, RunView } from './reducer.ts'
import type { RecordingRun } from './run-recording.ts'
import { seededRandom } from './seeded-random.ts'
import { reorderTools } from './tool-order.ts'

/** What any run has, of the client or of a reducer. */
export interface AnyRun {
  readonly session: RecordedSession
  /** The events as they were sent. */
  readonly sent: readonly RecordedEvent[]
  readonly faults?: readonly Fault[]
  readonly final: RunView
}

/** Plays the session again, at once, with the bytes cut otherwise or another session in its place. */
export type Rerun<Run> = (change: {
  readonly chunking?: Chunking
  readonly session?: RecordedSession
}) => Promise<Run>

/** What holds for every recording. */
export interface Invariant<Run = RecordingRun> {
  /** Goes on from "it". */
  readonly name: string
  /** What is against it, a line each; none if it holds. */
  readonly violations: (run: Run, rerun: Rerun<Run>) => readonly string[] | Promise<readonly string[]>
}

const COMMON: readonly Invariant<AnyRun>[] = [
  {
    name: 'reaches a terminal state',
    violations: ({ final }) => (final.isDone ? [] : [`it is still going on: ${statusOf(final)}`]),
  },
  {
    name: 'has no tool running after the end',
    violations: ({ final }) => final.activeTools.map((name) => `still running: ${name}`),
  },
  { name: 'holds the text of the tokens', violations: textDifference },
  { name: 'ends in the same state however the bytes are cut', violations: chunkingDifferences },
  { name: 'ends in the same state however tool events are ordered', violations: orderDifferences },
]

/** What holds for every run of the client. */
export const INVARIANTS: readonly Invariant[] = [
  ...COMMON,
  {
    name: 'makes legal transitions only',
    violations: ({ transitions, snapshots, sent }) => [
      ...illegalTransitions(transitions),
      // A tool that was taken back may be called again under its id.
      ...(sent.some(({ event }) => event === 'rollback') ? [] : revivedTools(snapshots)),
    ],
  },
]

/** What holds for every run of a reducer that does as the protocol says. */
export const REDUCER_INVARIANTS: readonly Invariant<ReducerRun>[] = [
  ...COMMON,
  { name: 'shows each tool from its call to its result', violations: badgeDifferences },
]

/** Whatever broke, a client shows no text that was not sent, and none twice. A run that came to its end shows it all. */
function textDifference({ sent, final, faults = [] }: AnyRun): string[] {
  const texts = rootTexts(sent)
  const said = texts.at(-1) ?? ''
  const isWhole = ('done' in final && final.done !== null) || faults.every(isEventFault)
  if (isWhole ? final.text === said : texts.some((text) => text.startsWith(final.text))) return []
  return differences({ text: final.text }, { text: said })
}

/** What the root's tokens add up to, up to `done`, each number once: before each rollback, and in the end. */
function rootTexts(events: readonly RecordedEvent[]): string[] {
  const texts: string[] = []
  const seen = new Set<number>()
  /** How long the text was when each turn began; first, what came before any. */
  const turns = [{ number: 1, length: 0 }]
  let isNumbered = false
  let text = ''
  for (const { event, data, seq } of events) {
    const decoded = decodePayload(event, data)
    if (decoded.type === 'done') break
    isNumbered ||= decoded.type === 'run_started'
    if (isNumbered && seq !== undefined) {
      if (seen.has(seq)) continue
      seen.add(seq)
    }
    const isRoot = !('branchId' in decoded || 'parentToolUseId' in decoded)
    if (decoded.type === 'token' && isRoot) text += decoded.text
    if (decoded.type === 'turn') beginTurn(decoded.turnNumber)
    if (decoded.type === 'rollback') rollback(decoded.to)
  }
  return [...texts, text]

  function beginTurn(number: number): void {
    if (turns.length === 1) turns.splice(0, 1, { number: number - 1, length: 0 })
    if (turns.every((turn) => turn.number < number)) turns.push({ number, length: text.length })
  }

  function rollback(to: number): void {
    const first = turns.findIndex(({ number }) => number >= to)
    texts.push(text)
    text = text.slice(0, turns[first]?.length)
    if (first >= 0) turns.splice(first + 1)
  }
}

/** Every byte in a piece of its own, unless that makes more pieces than can be read in about a tenth of a second. */
const MAX_PIECES = 100_000

async function chunkingDifferences<Run extends AnyRun>(run: Run, rerun: Rerun<Run>): Promise<string[]> {
  const bytes = run.session.events.reduce(
    (sum, { data }) => sum + JSON.stringify(data ?? null).length + 40,
    0,
  )
  const chunkings = [[Math.ceil(bytes / MAX_PIECES)], [13, 1, 64, 3, 1021]]
  const found: string[] = []
  for (const chunking of chunkings) {
    const { final } = await rerun({ chunking })
    const how = `cut after ${chunking.join(', ')} bytes`
    found.push(...differences(final, run.final).map((difference) => `${how}: ${difference}`))
  }
  return found
}

/** With two tools at once, seven orders in ten find out a reducer that expects results in the order of the calls. */
const ORDERS = 8

async function orderDifferences<Run extends AnyRun>(run: Run, rerun: Rerun<Run>): Promise<string[]> {
  const found: string[] = []
  for (let seed = 1; seed <= ORDERS; seed++) {
    const events = reorderTools(run.session.events, seededRandom(seed))
    const { final } = await rerun({ session: { ...run.session, events } })
    const [actual, expected] = [withoutOrder(final), withoutOrder(run.final)]
    found.push(...differences(actual, expected).map((difference) => `order ${seed}: ${difference}`))
  }
  return found
}

/**
 * What must be the same whichever tool was quicker: not where text was cut by tools, which event came last, or how
 * much a broken answer had to bring again.
 */
function withoutOrder(view: RunView & Partial<Pick<RunState, 'tools' | 'seq'>>): object {
  const { tools, activeTools, seq } = view
  const inOrder = (list: readonly unknown[]) => list.map((item) => JSON.stringify(item)).sort()
  return {
    ...view,
    activeTools: inOrder(activeTools),
    ...(tools && { tools: inOrder(tools).map((tool) => JSON.parse(tool)) }),
    ...(seq && { seq: { ...seq, duplicates: 0 } }),
    parts: undefined,
    lastEventType: undefined,
  }
}

function badgeDifferences({ views }: ReducerRun): string[] {
  const fold = createFold()
  for (const [index, { event, seq, view }] of views.entries()) {
    // Of what is not known by an id, nothing is promised.
    if ('toolUseId' in event && event.type.startsWith('tool_') && event.toolUseId === '') return []
    fold.apply(event, seq)
    const [shown, running] = [view.activeTools, fold.snapshot().activeTools].map((names) => [...names].sort())
    if (String(shown) === String(running)) continue
    const id = 'toolUseId' in event ? ` ${event.toolUseId}` : ''
    // Where it goes wrong first says why; the rest follows from it.
    return [`after event ${index + 1}, ${event.type}${id}: it shows [${shown}], but running are [${running}]`]
  }
  return []
}

function statusOf(final: RunView): string {
  return 'status' in final ? `status ${final.status}` : JSON.stringify(final)
}

import { type AgentEvent, createFold, type DoneEvent, decodePayload } from '@agent-stream/protocol'
import { applyPatch } from '@agent-stream/protocol/json-patch'
import { AGENT_FAILED } from '../emit/agent-failed.ts'
import type { Lease, RunInfo, RunStore } from '../log/run-store.ts'
import { whenAvailable } from '../log/when-available.ts'
import type { Agent } from './agent.ts'
import { readIntent } from './intents.ts'
import { createQuestions } from './questions.ts'
import { createRunningAgent } from './run-agent.ts'
import { storable } from './run-event.ts'
import type { RunHooks } from './run-hooks.ts'
import { foldStored, readAll } from './run-state.ts'
import { createRunWriter } from './run-writer.ts'

/** A run that this process works on, from its lease to its end. */
export interface RunTask {
  readonly lease: Lease
  /** Looks for what was asked of the run. */
  checkIntents(): Promise<void>
  /** Ends the work: another process has the run (`lost`), or this one closes (`left`). */
  giveUp(fate: 'lost' | 'left'): void
  /** Resolves when nothing more happens here: true if nothing is left to do for the run. Never rejects. */
  readonly finished: Promise<boolean>
}

export interface RunTaskOptions extends RunHooks {
  readonly log: RunStore
  readonly run: RunInfo
  readonly lease: Lease
  readonly agent: Agent
  readonly canContinue: boolean
  readonly heartbeatMs: number
  readonly onError: NonNullable<RunHooks['onError']>
}

/** How long an aborted agent may take to end. */
const GRACE_MS = 5000
/** Starts in a row that added nothing to the log: one more would end like them. */
const MAX_VAIN_STARTS = 5

const ABORT_MESSAGES = {
  cancelled: 'The run was cancelled',
  lost: 'The run was taken over by another process, or its log is gone',
  left: 'The server is closing',
}
type Fate = keyof typeof ABORT_MESSAGES

export function createRunTask(options: RunTaskOptions): RunTask {
  const { log, run, lease, agent, canContinue, heartbeatMs, onError } = options
  const { runId } = run
  const fold = createFold({ applyPatch })
  /** Ends the waiting for an engine that is away. */
  const gone = new AbortController()
  const handled = new Set<string>()
  let fate: Fate | undefined

  const available = <T>(call: () => Promise<T>): Promise<T> => whenAvailable(call, gone.signal)
  const writer = createRunWriter({ log, lease, fold, signal: gone.signal, onLost })
  const questions = createQuestions({
    write: writer.write,
    putIntent: (name, value) => available(() => log.putIntent(runId, name, value)),
  })
  const running = createRunningAgent({ agent, run, state: fold.snapshot, ask: questions.ask })

  function onLost(cause: unknown): void {
    onError(cause, run)
    abort('lost')
  }

  function abort(next: Fate): void {
    if (fate === undefined || next === 'lost') fate = next
    if (next !== 'cancelled') gone.abort()
    running.abort(new DOMException(ABORT_MESSAGES[fate], 'AbortError'), fate === 'lost' ? 0 : GRACE_MS)
  }

  async function checkIntents(): Promise<void> {
    for (const [name, value] of await log.intents(runId)) {
      const intent = handled.has(name) ? undefined : readIntent(name, value)
      handled.add(name)
      if (intent?.type === 'cancel') abort('cancelled')
      if (intent?.type === 'cancelTool') running.cancelTool(intent.toolUseId)
      if (intent?.type === 'input') questions.settle(intent.inputId, intent.settlement)
    }
  }

  async function work(): Promise<boolean> {
    const { last, hasEnded } = await available(() =>
      readAll(log, runId, 0, (stored) => {
        const event = foldStored(fold, stored)
        if (event) questions.replay(event)
      }),
    )
    if (!hasEnded) {
      writer.goOnFrom(last)
      const done = await (last === 0 ? begin() : goOn(last))
      if (!done) return false
      await writer.end(done)
    }
    return tell(() => options.onEnd?.(run, fold.snapshot()))
  }

  async function begin(): Promise<DoneEvent | undefined> {
    await tell(() => options.onStart?.(run))
    const { startedAt } = run
    await writer.write(storable({ type: 'run_started', runId, startedAt, protocol: '1', heartbeatMs }))
    return runAgent()
  }

  /** For a run that another holder left unfinished. */
  async function goOn(last: number): Promise<DoneEvent | undefined> {
    await available(checkIntents)
    if (fate === undefined && canContinue && (await isWorthAnotherStart(last))) return runAgent()
    return fate === 'cancelled' ? doneEvent({ aborted: true }) : lost()
  }

  /** An agent that takes its process down each time is not started for ever. */
  async function isWorthAnotherStart(last: number): Promise<boolean> {
    const start = (epoch: number): string => `start:${epoch}`
    const intents = await available(() => log.intents(runId))
    await available(() => log.putIntent(runId, start(lease.epoch), String(last)))
    const earlier = Array.from({ length: MAX_VAIN_STARTS }, (_, i) => start(lease.epoch - 1 - i))
    return !earlier.every((name) => intents.get(name) === String(last))
  }

  async function runAgent(): Promise<DoneEvent | undefined> {
    let done: DoneEvent | undefined
    let failure: { readonly error: unknown } | undefined
    try {
      if (fate === undefined) done = await running.run(writer.write)
    } catch (error) {
      failure = { error }
    }
    // A fate decides, whatever the agent made of it.
    if (fate === 'cancelled') return doneEvent({ ...done, aborted: true })
    if (fate === 'lost') return undefined
    if (fate === 'left') return canContinue ? undefined : lost()
    return failure ? failed(failure.error) : doneEvent(done)
  }

  async function failed(error: unknown): Promise<DoneEvent> {
    onError(error, run)
    await writer.write(storable(AGENT_FAILED))
    return doneEvent({ isError: true })
  }

  async function lost(): Promise<DoneEvent> {
    const message = 'The process that ran the agent is gone'
    await writer.write(storable({ type: 'error', errorType: 'run_lost', message }))
    return doneEvent({ isError: true })
  }

  function doneEvent(given: Partial<DoneEvent> = {}): DoneEvent {
    const { turn, tools } = fold.snapshot()
    return {
      ...(decodePayload('done', {}) as AgentEvent & { type: 'done' }),
      ...given,
      numTurns: given.numTurns || (turn?.turnNumber ?? 0),
      toolCount: given.toolCount || tools.length,
      durationMs: given.durationMs || Math.max(0, Date.now() - Date.parse(run.startedAt)),
    }
  }

  async function tell(hook: () => void | Promise<void>): Promise<boolean> {
    try {
      await hook()
      return true
    } catch (error) {
      onError(error, run)
      return false
    }
  }

  return {
    lease,
    checkIntents,
    giveUp: abort,
    finished: work().catch((error) => {
      // A loss has been reported when it was noticed.
      if (fate !== 'lost') onError(error, run)
      return false
    }),
  }
}

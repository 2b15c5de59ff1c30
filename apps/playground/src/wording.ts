import type { ClientSnapshot, InputRequiredEvent, Part, RetryState, Tool } from '@agent-stream/core'

type Standing = Pick<ClientSnapshot, 'status' | 'outcome' | 'retry' | 'isStalled' | 'pendingInputs'>

const STATUS_TEXTS = {
  idle: 'Idle',
  streaming: 'Streaming',
  retrying: 'Retrying',
  done: 'Done',
  'synthetic-done': 'No done',
  error: 'Error',
  stopped: 'Stopped',
}

/** What the pill says: the status, and how the run ended where that says more. */
export function statusText({ status, outcome, retry, isStalled, pendingInputs }: Standing): string {
  if (retry) return retryText(retry)
  if (isStalled) return 'Streaming, but silent'
  if (status === 'streaming' && pendingInputs.length > 0) return 'Waiting for you'
  const text = STATUS_TEXTS[status]
  const saysMore = outcome !== null && (status === 'done' || status === 'synthetic-done')
  return saysMore ? `${text} · ${outcome.replace('_', ' ')}` : text
}

/** What comes next: the request once more, or the rest of a run that the server keeps. */
export function retryText({ attempt, attempts, delayMs }: RetryState): string {
  const which = Number.isFinite(attempts) ? `Retry ${attempt} of ${attempts}` : 'Resuming'
  return `${which} in ${durationText(delayMs)}`
}

/** What stands behind a tool's name. */
export function toolNote({ status, durationMs }: Tool): string {
  switch (status) {
    case 'running':
      return 'running'
    case 'done':
      return durationText(durationMs)
    case 'error':
      return `failed, ${durationText(durationMs)}`
    case 'requested':
      return 'yours to run'
    case 'incomplete':
      return 'no result'
  }
}

/** The root's text, one string for each stretch of it between tools. Joined they are the run's `text`. */
export function paragraphs(parts: readonly Part[]): string[] {
  return parts.flatMap((part) =>
    part.type === 'text' && part.parentToolUseId === undefined && part.branchId === undefined
      ? [part.text]
      : [],
  )
}

const PREVIEW_CHARS = 140

/** The end of a thought, for where there is one line for it. */
export function preview(thinking: string): string {
  return thinking.slice(-PREVIEW_CHARS).replace(/\s+/g, ' ')
}

export function durationText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** What a panel has been through in this run. */
export function countersText(renders: number, flushes: number, events: number): string {
  return `${counted(renders, 'render')} · ${counted(flushes, 'flush', 'flushes')} · ${counted(events, 'event')}`
}

function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`
}

export interface Answer {
  readonly label: string
  readonly value: unknown
}

/** What can be answered with a button. */
export function answersTo({ kind, options = [] }: Pick<InputRequiredEvent, 'kind' | 'options'>): Answer[] {
  if (kind === 'choice') return options.map((value) => ({ label: String(value), value }))
  return [
    { label: 'Yes', value: true },
    { label: 'No', value: false },
  ]
}

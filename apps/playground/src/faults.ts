import type { Fault } from '../server/stream-request.ts'
import type { RunMode } from './choices.ts'

interface FaultButton {
  readonly label: string
  /** What to expect, of a run that the server keeps and of one that it does not. */
  readonly notes: Readonly<Record<RunMode, string>>
  readonly needsTools?: boolean
}

const PLAY_NOTES: Readonly<Record<RunMode, string>> = {
  durable: 'The server runs the agent and keeps what it says. Kill it, reload, follow from a second window.',
  plain: 'The stream as it was recorded. Nobody keeps it.',
}

/** The ways to break the stream that have a button, in their order. */
export const FAULT_BUTTONS: Readonly<Record<Exclude<Fault, 'none'>, FaultButton>> = {
  'split-bytes': {
    label: 'Split every byte',
    notes: both('Each byte leaves the server on its own. No event is lost or cut, no character is torn.'),
  },
  drop: {
    label: 'Drop mid-stream',
    notes: {
      durable:
        'The socket is destroyed at 60 %. The client waits about a second and asks for what comes after the last event it has: nothing is doubled, nothing starts afresh.',
      plain:
        'The socket is destroyed at 60 %. The client waits about a second, repeats the request with the same Idempotency-Key, and starts the text afresh: nothing is doubled.',
    },
  },
  'drop-always': {
    label: 'Drop every time',
    notes: {
      durable:
        'Every connection is destroyed after a while. Each one gets further than the one before, and the answer becomes whole.',
      plain:
        'Each attempt breaks at the same place. After three retries that get no further the run ends in an error, and what had arrived stays readable.',
    },
  },
  'close-without-done': {
    label: 'Close without done',
    notes: {
      durable: 'The response ends cleanly but too early. The client asks for the rest.',
      plain:
        'The response ends cleanly but too early. The run ends as truncated, and no tool keeps spinning.',
    },
  },
  'http-403': {
    label: 'HTTP 403',
    notes: both('The server refuses. No retry: one request, one error, in the server’s own words.'),
  },
  'result-before-use': {
    label: 'Result before use',
    notes: both('Each tool_result overtakes its tool_use. The tool ends once and stays ended.'),
    needsTools: true,
  },
}

export function noteOf(fault: Fault, runs: RunMode): string {
  return fault === 'none' ? PLAY_NOTES[runs] : FAULT_BUTTONS[fault].notes[runs]
}

function both(note: string): Record<RunMode, string> {
  return { durable: note, plain: note }
}

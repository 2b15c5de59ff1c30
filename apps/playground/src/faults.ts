import type { Fault } from '../server/stream-request.ts'

interface FaultButton {
  readonly label: string
  /** What to expect. */
  readonly note: string
  readonly needsTools?: boolean
}

export const PLAY_NOTE = 'The stream as it was recorded.'

/** The ways to break the stream that have a button, in their order. */
export const FAULT_BUTTONS: Readonly<Record<Exclude<Fault, 'none'>, FaultButton>> = {
  'split-bytes': {
    label: 'Split every byte',
    note: 'Each byte leaves the server on its own. No event is lost or cut, no character is torn.',
  },
  drop: {
    label: 'Drop mid-stream',
    note: 'The socket is destroyed at 60 %. The client waits about a second, repeats the request with the same Idempotency-Key, and starts the text afresh: nothing is doubled.',
  },
  'drop-always': {
    label: 'Drop every time',
    note: 'Each attempt breaks at the same place. After three retries that get no further the run ends in an error, and what had arrived stays readable.',
  },
  'close-without-done': {
    label: 'Close without done',
    note: 'The response ends cleanly but too early. The run ends as truncated, and no tool keeps spinning.',
  },
  'http-403': {
    label: 'HTTP 403',
    note: 'The server refuses. No retry: one request, one error, in the server’s own words.',
  },
  'result-before-use': {
    label: 'Result before use',
    note: 'Each tool_result overtakes its tool_use. The tool ends once and stays ended.',
    needsTools: true,
  },
}

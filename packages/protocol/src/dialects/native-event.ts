import { decodePayload } from '../decode.ts'
import type { AgentEvent } from '../event.ts'
import { isRecord } from '../shape.ts'

/**
 * Events of the protocol that another wire carries, by their own name, where it has room for the application's data.
 * Those that need no field must have one by which they can be told.
 */
const NATIVE: Readonly<Record<string, string>> = {
  progress: 'percentage',
  creation: 'creation_type',
  plan_created: '',
  step_started: '',
  step_completed: '',
  source_added: '',
  file: '',
  quality_checked: '',
  state_snapshot: 'state',
  state_delta: '',
  input_required: '',
  input_received: '',
  error: 'error_type',
  rollback: '',
  turn: '',
  tool_result: 'preliminary',
  gap: '',
}

/** The application's data as the event of the protocol that has its name, if it has that event's shape. */
export function nativeEvent(name: string, data: unknown): AgentEvent | undefined {
  if (!isRecord(data)) return undefined
  // Text is told in this way only where it is not the root's.
  const isBranch = (name === 'token' || name === 'thinking') && (data.branch_id ?? data.parent_tool_use_id)
  const mark = NATIVE[name]
  if (mark === undefined ? !isBranch : mark && data[mark] === undefined) return undefined
  const event = decodePayload(name, data)
  return event.type === 'warning' ? undefined : event
}

import { decodePayload } from '../decode.ts'
import type { AgentEvent } from '../event.ts'
import { isRecord } from '../shape.ts'

/** Events of the protocol that another wire carries, by their own name, where it has room for the application's data. */
const NATIVE: ReadonlySet<string> = new Set([
  'progress',
  'creation',
  'plan_created',
  'step_started',
  'step_completed',
  'source_added',
  'file',
  'quality_checked',
  'state_snapshot',
  'state_delta',
  'input_required',
  'input_received',
  'gap',
])

/** The application's data as the event of the protocol that has its name, if it has that event's shape. */
export function nativeEvent(name: string, data: unknown): AgentEvent | undefined {
  if (!NATIVE.has(name) || !isRecord(data)) return undefined
  // `progress` and `creation` need no field: what is to be one must say how far, or of what.
  if (name === 'progress' && typeof data.percentage !== 'number') return undefined
  if (name === 'creation' && typeof (data.creation_type ?? data.creationType) !== 'string') return undefined
  const event = decodePayload(name, data)
  return event.type === 'warning' ? undefined : event
}

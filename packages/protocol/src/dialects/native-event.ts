import { decodePayload } from '../decode.ts'
import type { AgentEventType } from '../event.ts'
import type { Emit } from './event-decoder.ts'
import { objectOf } from './fields.ts'

/**
 * Gives out the application's data of another wire as the event of the protocol that has this name: if `isOwn`, since
 * this project's encoder wrote it, and else progress and creations by their shape. False if they are none.
 */
export function emitNative(emit: Emit, name: string, data: unknown, isOwn: boolean): boolean {
  const fields = objectOf(data)
  const mark = { progress: 'percentage', creation: 'creation_type' }[name] ?? ''
  if (!isOwn && fields[mark] === undefined) return false
  if (decodePayload(name, data).type === 'warning') return false
  emit(name as AgentEventType, fields)
  return true
}

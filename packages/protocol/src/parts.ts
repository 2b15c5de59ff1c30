import type { Origin, ThinkingEvent, TokenEvent } from './event.ts'
import { createList, type List } from './list.ts'
import { EMPTY_RUN_STATE, type Part, type TextPart } from './run-state.ts'

/** A text part that still grows. The string is copied into an immutable part only when a snapshot is taken. */
interface OpenText {
  readonly index: number
  readonly part: TextPart
  text: string
  isDirty: boolean
}

/**
 * The ordered parts of a run. Neighbouring text of one kind grows into one part; each branch, sub-agent
 * and block has its own end to grow at, so that interleaved ones do not shred each other.
 */
export interface Parts extends Pick<List<Part>, 'set' | 'snapshot'> {
  /** `lane` is the event's own: whoever adds it has asked for it already. */
  addText(event: TokenEvent | ThinkingEvent, lane: string): void
  /** Adds a part; what text follows in its lane begins a new one. Returns its index. */
  add(part: Part, origin: Origin): number
}

export function createParts(): Parts {
  const list = createList(EMPTY_RUN_STATE.parts)
  const openTexts = new Map<string, OpenText>()
  const dirty: OpenText[] = []

  return {
    addText(event, lane) {
      const { text, messageId, blockId } = event
      const type = event.type === 'token' ? 'text' : 'thinking'
      const refusal = event.type === 'token' && event.refusal
      // Text grows in its block, wherever that began, or else at the end of its lane.
      const key = blockId === undefined ? lane : JSON.stringify([lane, messageId, blockId, type])
      const open = openTexts.get(key)
      if (open?.part.type === type && open.part.messageId === messageId && !open.part.refusal === !refusal) {
        open.text += text
        if (!open.isDirty) dirty.push(open)
        open.isDirty = true
        return
      }
      // A text part is its first event under another name.
      const part = { ...event, type } as TextPart
      openTexts.set(key, { index: list.push(part), part, text, isDirty: false })
    },
    add(part, origin) {
      openTexts.delete(laneOf(origin))
      return list.push(part)
    },
    set: list.set,
    snapshot() {
      for (const open of dirty.splice(0)) {
        list.set(open.index, { ...open.part, text: open.text })
        open.isDirty = false
      }
      return list.snapshot()
    },
  }
}

/** Branch and sub-agent in one; empty for the root. */
export function laneOf({ branchId, parentToolUseId }: Origin): string {
  return branchId === undefined && parentToolUseId === undefined
    ? ''
    : JSON.stringify([branchId, parentToolUseId])
}

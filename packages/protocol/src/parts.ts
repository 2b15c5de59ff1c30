import type { Origin, ThinkingEvent, TokenEvent } from './event.ts'
import { createList, type List } from './list.ts'
import { EMPTY_RUN_STATE, type Part, type TextPart } from './run-state.ts'
import type { Turns } from './turns.ts'

/** A text part that still grows. The string is copied into an immutable part only when a snapshot is taken. */
interface OpenText {
  readonly index: number
  readonly part: TextPart
  text: string
  isDirty: boolean
  /** The turn that knows how long it was at its beginning. */
  turn: object
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

export function createParts(turns: Turns): Parts {
  const list = createList(EMPTY_RUN_STATE.parts, turns)
  const openTexts = new Map<string, OpenText | undefined>()
  const dirty: OpenText[] = []

  /** Adds a part. What follows under its key grows it if it is a text, and else begins a new one. */
  function push(part: Part, key: string): number {
    const index = list.push(part)
    const before = openTexts.get(key)
    const open =
      part.type === 'text' || part.type === 'thinking'
        ? { index, part, text: part.text, isDirty: false, turn: turns.current() }
        : undefined
    openTexts.set(key, open)
    turns.onUndo(() => {
      openTexts.set(key, before)
      if (open) open.isDirty = false
    })
    return index
  }

  function setText(open: OpenText, text: string): void {
    open.text = text
    if (!open.isDirty) dirty.push(open)
    open.isDirty = true
  }

  return {
    addText(event, lane) {
      const { text, messageId, blockId } = event
      const type = event.type === 'token' ? 'text' : 'thinking'
      const refusal = event.type === 'token' && event.refusal
      // Text grows in its block, wherever that began, or else at the end of its lane.
      const key = blockId === undefined ? lane : JSON.stringify([lane, messageId, blockId, type])
      const open = openTexts.get(key)
      if (open?.part.type === type && open.part.messageId === messageId && !open.part.refusal === !refusal) {
        if (open.turn !== turns.current()) {
          const { length } = open.text
          open.turn = turns.current()
          turns.onUndo(() => setText(open, open.text.slice(0, length)))
        }
        setText(open, open.text + text)
        return
      }
      // A text part is its first event under another name.
      push({ ...event, type } as TextPart, key)
    },
    add(part, origin) {
      return push(part, laneOf(origin))
    },
    set: list.set,
    snapshot() {
      for (const open of dirty.splice(0)) {
        // Of those that were taken back, none is dirty.
        if (open.isDirty) list.set(open.index, { ...open.part, text: open.text })
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

import type { Origin, ThinkingEvent, TokenEvent } from './event.ts'
import { List } from './list.ts'
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
export class Parts {
  readonly #list = new List<Part>(EMPTY_RUN_STATE.parts)
  readonly #open = new Map<string, OpenText>()
  readonly #dirty: OpenText[] = []
  /** The open text of the root without a block: almost every token's. */
  #root: OpenText | undefined

  appendText(event: TokenEvent | ThinkingEvent, refusal?: boolean): void {
    const key = textKey(event)
    const open = key === '' ? this.#root : this.#open.get(key)
    if (open && continues(open.part, event, refusal)) {
      open.text += event.text
      if (!open.isDirty) this.#dirty.push(open)
      open.isDirty = true
    } else {
      this.#begin(key, event, refusal)
    }
  }

  /** Adds a part; what text follows in its branch begins a new one. Returns its index. */
  add(part: Part, origin: Origin): number {
    const key = laneKey(origin)
    if (key === '') this.#root = undefined
    else this.#open.delete(key)
    return this.#list.push(part)
  }

  replace(index: number, part: Part): void {
    this.#list.set(index, part)
  }

  snapshot(): readonly Part[] {
    for (const open of this.#dirty) {
      this.#list.set(open.index, { ...open.part, text: open.text })
      open.isDirty = false
    }
    this.#dirty.length = 0
    return this.#list.snapshot()
  }

  #begin(key: string, event: TokenEvent | ThinkingEvent, refusal?: boolean): void {
    const { text } = event
    const part: TextPart = {
      type: event.type === 'token' ? 'text' : 'thinking',
      text,
      ...(refusal && { refusal }),
      ...originOf(event),
    }
    const open = { index: this.#list.push(part), part, text, isDirty: false }
    if (key === '') this.#root = open
    else this.#open.set(key, open)
  }
}

export function isRoot(origin: Origin): boolean {
  return origin.branchId === undefined && origin.parentToolUseId === undefined
}

export function originOf({ messageId, blockId, branchId, parentToolUseId }: Origin): Origin {
  return {
    ...(messageId !== undefined && { messageId }),
    ...(blockId !== undefined && { blockId }),
    ...(branchId !== undefined && { branchId }),
    ...(parentToolUseId !== undefined && { parentToolUseId }),
  }
}

/** Branch and sub-agent; the root's is empty. */
export function laneKey(origin: Origin): string {
  return isRoot(origin) ? '' : JSON.stringify([origin.branchId, origin.parentToolUseId])
}

/** Where text goes on growing: in its block, wherever that began, or else at the end of its lane. */
function textKey(event: TokenEvent | ThinkingEvent): string {
  return event.blockId === undefined
    ? laneKey(event)
    : JSON.stringify([event.branchId, event.parentToolUseId, event.messageId, event.blockId, event.type])
}

function continues(part: TextPart, event: TokenEvent | ThinkingEvent, refusal: boolean | undefined): boolean {
  return (
    (part.type === 'text') === (event.type === 'token') &&
    part.messageId === event.messageId &&
    part.refusal === (refusal || undefined)
  )
}

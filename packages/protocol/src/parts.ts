import type { Origin, ThinkingEvent, TokenEvent } from './event.ts'
import { List } from './list.ts'
import { EMPTY_RUN_STATE, type Part, type TextPart } from './run-state.ts'

/** A text part that still grows. The string is copied into an immutable part only when a snapshot is taken. */
interface OpenText {
  readonly index: number
  readonly part: TextPart
  text: string
}

/**
 * The ordered parts of a run. Neighbouring text of one kind grows into one part; each branch, sub-agent
 * and block has its own end to grow at, so that interleaved ones do not shred each other.
 */
export class Parts {
  readonly #list = new List<Part>(EMPTY_RUN_STATE.parts)
  readonly #open = new Map<string, OpenText>()
  readonly #dirty = new Set<OpenText>()

  addText(event: TokenEvent | ThinkingEvent): void {
    const type = event.type === 'token' ? 'text' : event.type
    const { text, messageId, blockId } = event
    // Text grows in its block, wherever that began, or else at the end of its lane.
    const key =
      blockId === undefined ? laneOf(event) : JSON.stringify([laneOf(event), messageId, blockId, type])
    const open = this.#open.get(key)
    if (
      open?.part.type === type &&
      open.part.messageId === messageId &&
      !open.part.refusal === !refusalOf(event)
    ) {
      open.text += text
      this.#dirty.add(open)
      return
    }
    const part: TextPart = { ...event, type } as TextPart
    this.#open.set(key, { index: this.#list.push(part), part, text })
  }

  /** Adds a part; what text follows in its lane begins a new one. Returns its index. */
  add(part: Part, origin: Origin): number {
    this.#open.delete(laneOf(origin))
    return this.#list.push(part)
  }

  replace(index: number, part: Part): void {
    this.#list.set(index, part)
  }

  snapshot(): readonly Part[] {
    for (const { index, part, text } of this.#dirty) this.#list.set(index, { ...part, text })
    this.#dirty.clear()
    return this.#list.snapshot()
  }
}

/** Branch and sub-agent in one; empty for the root. */
export function laneOf({ branchId, parentToolUseId }: Origin): string {
  return branchId === undefined && parentToolUseId === undefined
    ? ''
    : JSON.stringify([branchId, parentToolUseId])
}

function refusalOf(event: TokenEvent | ThinkingEvent): boolean | undefined {
  return event.type === 'token' ? event.refusal : undefined
}

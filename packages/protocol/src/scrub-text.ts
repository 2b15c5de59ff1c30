/** What a finder sees of the text before the place it looks from: more than any trigger or look-behind needs. */
export const CONTEXT_CHARS = 160
/** The most that is held back of a text that may turn out to be a secret. */
export const MAX_HELD_CHARS = 256

/** How far a secret goes, and whether more of it may follow. */
export interface SecretExtent {
  readonly end: number
  readonly isOpen: boolean
}

export interface Secret extends SecretExtent {
  readonly start: number
  readonly kind: string
  /** Where the secret ends in a later text, that goes on with it at `from`. */
  readonly goOn: (text: string, from: number, isLast: boolean) => SecretExtent
}

/** Where a secret may have begun: more of the text has to be seen. */
interface Suspicion {
  readonly start: number
  readonly end?: undefined
}

/** Finds the first secret, or suspicion, that starts at `from` or behind it. `isLast`: nothing follows the text. */
export type SecretFinder = (text: string, from: number, isLast: boolean) => Secret | Suspicion | undefined

/** A text that comes in fragments, cut anywhere. What comes of it does not depend on the cuts. */
export interface TextScrubber {
  /**
   * Takes the next fragment. `onScrubbed` is given what is left of it, once that is certain: at once, unless its end
   * may be the beginning of a secret. What stands for a secret is in the fragment in which that began.
   */
  push(fragment: string, onScrubbed: (scrubbed: string) => void): void
  /** Ends the text: what is held back is given out. */
  end(): void
}

interface Fragment {
  /** Where it ends, counted from the beginning of the text. */
  readonly end: number
  readonly onScrubbed: (scrubbed: string) => void
  scrubbed: string
}

export function redacted(kind: string): string {
  return `[REDACTED:${kind}]`
}

export function createTextScrubber(finders: readonly SecretFinder[]): TextScrubber {
  /** A bit of what is decided, for context, and all that is not. */
  let text = ''
  let offset = 0
  /** What stands before it is decided. */
  let position = 0
  let open: Secret | undefined
  const fragments: Fragment[] = []

  /** Passes what stands before `end` on to its fragments, or leaves it out. */
  function decide(end: number, isKept: boolean): void {
    for (let fragment = fragments[0]; fragment; fragment = fragments[0]) {
      const fragmentEnd = fragment.end - offset
      const to = Math.min(end, fragmentEnd)
      if (isKept) fragment.scrubbed += text.slice(position, to)
      position = to
      if (to < fragmentEnd) return
      fragments.shift()
      fragment.onScrubbed(fragment.scrubbed)
    }
  }

  function cover(secret: Secret, { end, isOpen }: SecretExtent): void {
    open = isOpen ? secret : undefined
    decide(end, false)
  }

  function scan(isLast: boolean): void {
    if (open) cover(open, open.goOn(text, position, isLast))
    const search = searchIn(finders, text, isLast)
    while (!open) {
      const found = search(position)
      decide(found?.start ?? text.length, true)
      if (found?.end === undefined) break
      const [fragment] = fragments
      if (fragment) fragment.scrubbed += redacted(found.kind)
      cover(found, found)
    }
    const superfluous = position - CONTEXT_CHARS
    if (superfluous <= 0) return
    text = text.slice(superfluous)
    offset += superfluous
    position = CONTEXT_CHARS
  }

  return {
    push(fragment, onScrubbed) {
      text += fragment
      fragments.push({ end: offset + text.length, onScrubbed, scrubbed: '' })
      scan(false)
    },
    end() {
      scan(true)
      text = ''
      offset = 0
      position = 0
      open = undefined
    },
  }
}

/** The first of what the finders find, from a place on that only goes forward. */
function searchIn(finders: readonly SecretFinder[], text: string, isLast: boolean) {
  // Of each finder what it found last: nobody looks for it again before it is passed.
  const found: (Secret | Suspicion | undefined)[] = []
  return (from: number): Secret | Suspicion | undefined => {
    let first: Secret | Suspicion | undefined
    for (const [i, find] of finders.entries()) {
      const known = found[i]
      if (!(i in found) || (known && known.start < from)) found[i] = find(text, from, isLast)
      const next = found[i]
      if (next && (!first || next.start < first.start)) first = next
    }
    return first
  }
}

/** The whole text at once. */
export function scrubText(finders: readonly SecretFinder[], text: string): string {
  const search = searchIn(finders, text, true)
  let scrubbed = ''
  let position = 0
  for (;;) {
    const found = search(position)
    if (found?.end === undefined) return position === 0 ? text : scrubbed + text.slice(position)
    scrubbed += text.slice(position, found.start) + redacted(found.kind)
    position = found.end
  }
}

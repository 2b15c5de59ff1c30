import { createSuffixAutomaton, type SuffixAutomaton } from './suffix-automaton.ts'

/** Below this size of its smaller side, a pair is compared symbol by symbol: the automaton would cost more. */
const SMALL_SIDE = 24

/**
 * How alike two texts are, from 0 to 1, by Ratcliff and Obershelp: twice the number of code points in matching blocks,
 * by that of both texts. The blocks are the longest common one (of several, the first in `a`, then in `b`), and those on
 * its left and right in turn: what Python's `difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()` gives.
 *
 * All blocks of one length are found in one linear pass, so the cost is that of both texts times the number of lengths
 * that are nested in each other: about the logarithm of the texts, and never more than the square root of twice theirs.
 */
export function matchingRatio(a: string, b: string): number {
  if (a === b) return 1
  const symbols = new Map<number, number>()
  const left = encode(a, symbols)
  const right = encode(b, symbols)
  return (2 * countMatches(left, right)) / (left.length + right.length)
}

function encode(text: string, symbols: Map<number, number>): Int32Array {
  return Int32Array.from(text, (character) => {
    const codePoint = character.codePointAt(0) as number
    const symbol = symbols.get(codePoint) ?? symbols.size
    symbols.set(codePoint, symbol)
    return symbol
  })
}

/** `a[fromA..toA)` beside `b[fromB..toB)`: what lies between two matching blocks. */
interface Gap {
  readonly fromA: number
  readonly toA: number
  readonly fromB: number
  readonly toB: number
}

/** A matching block: `length` symbols from `i` in `a` and `j` in `b`. */
type Block = readonly [i: number, j: number, length: number]

function countMatches(a: Int32Array, b: Int32Array): number {
  const findLong = createBlockFinder(a, b)
  const gaps: Gap[] = [{ fromA: 0, toA: a.length, fromB: 0, toB: b.length }]
  let count = 0
  for (let gap = gaps.pop(); gap; gap = gaps.pop()) {
    const smaller = Math.min(gap.toA - gap.fromA, gap.toB - gap.fromB)
    if (smaller === 0) continue
    const blocks = smaller > SMALL_SIDE ? findLong(gap) : longestBlock(a, b, gap)
    let { fromA, fromB } = gap
    for (const [i, j, length] of blocks) {
      count += length
      gaps.push({ fromA, toA: i, fromB, toB: j })
      fromA = i + length
      fromB = j + length
    }
    if (blocks.length > 0) gaps.push({ ...gap, fromA, fromB })
  }
  return count
}

/** The longest block of a gap one of whose sides is small; none where no symbol is common. */
function longestBlock(a: Int32Array, b: Int32Array, { fromA, toA, fromB, toB }: Gap): readonly Block[] {
  const row = new Int32Array(toB - fromB + 1)
  let best: Block = [0, 0, 0]
  for (let i = fromA; i < toA; i++) {
    let diagonal = 0
    for (let j = fromB; j < toB; j++) {
      const length = a[i] === b[j] ? diagonal + 1 : 0
      diagonal = row[j - fromB + 1] as number
      row[j - fromB + 1] = length
      if (length > best[2]) best = [i - length + 1, j - length + 1, length]
    }
  }
  return best[2] > 0 ? [best] : []
}

/**
 * Finds all blocks of a gap that are as long as its longest, in order. Once the first is taken, the longest on its right
 * is not longer, and what lies on its left is shorter: so one scan meets them as the recursion would.
 */
function createBlockFinder(a: Int32Array, b: Int32Array): (gap: Gap) => readonly Block[] {
  const automaton = createSuffixAutomaton(b.length)
  const ends = { lengths: new Int32Array(a.length), states: new Int32Array(a.length) }
  const places = createPlaces(b.length)

  /** The length of the longest common block. Notes for each end in `a` the longest that ends there, and its state. */
  function scan({ fromA, toA }: Gap): number {
    let state = 0
    let length = 0
    let longest = 0
    for (let i = fromA; i < toA; i++) {
      const symbol = a[i] as number
      let next = automaton.step(state, symbol)
      while (next === -1 && state !== 0) {
        state = automaton.link(state)
        length = automaton.length(state)
        next = automaton.step(state, symbol)
      }
      if (next !== -1) {
        state = next
        length++
      }
      ends.lengths[i] = length
      ends.states[i] = state
      longest = Math.max(longest, length)
    }
    return longest
  }

  return (gap) => {
    automaton.build(b, gap.fromB, gap.toB)
    const length = scan(gap)
    if (length === 0) return []
    places.collect(automaton, b, gap, length)
    const blocks: Block[] = []
    let { fromA, fromB } = gap
    for (let end = fromA + length - 1; end < gap.toA; end++) {
      if (ends.lengths[end] !== length || end - length + 1 < fromA) continue
      const j = places.firstFrom(ends.states[end] as number, fromB)
      if (j === -1) continue
      blocks.push([end - length + 1, j, length])
      fromA = end + 1
      fromB = j + length
    }
    return blocks
  }
}

/** Where in `b` the substrings of one length begin, by their states. */
interface Places {
  collect(automaton: SuffixAutomaton, b: Int32Array, gap: Gap, length: number): void
  /** The first place of a state at or behind `from`, or -1. `from` only grows. */
  firstFrom(state: number, from: number): number
}

function createPlaces(maxLength: number): Places {
  const first = new Int32Array(2 * maxLength + 2)
  const last = new Int32Array(2 * maxLength + 2)
  const next = new Int32Array(maxLength)

  return {
    collect(automaton, b, { fromB, toB }, length) {
      first.fill(-1, 0, 2 * (toB - fromB) + 2)
      let state = 0
      for (let j = fromB; j < toB; j++) {
        state = automaton.step(state, b[j] as number)
        while (automaton.length(automaton.link(state)) >= length) state = automaton.link(state)
        const place = j - length + 1
        if (place < fromB) continue
        next[place] = -1
        if (first[state] === -1) first[state] = place
        else next[last[state] as number] = place
        last[state] = place
      }
    },
    firstFrom(state, from) {
      let place = first[state] as number
      while (place !== -1 && place < from) place = next[place] as number
      first[state] = place
      return place
    },
  }
}

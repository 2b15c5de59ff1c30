/**
 * The suffix automaton of a part of a text: the smallest machine that accepts its substrings, built in linear time
 * (Blumer et al., 1985). One object serves many parts, one after another, without allocating again.
 */
export interface SuffixAutomaton {
  /** Takes `text[from..to)` in place of what it had. */
  build(text: Int32Array, from: number, to: number): void
  /** The state behind `state` and a symbol, or -1. The state of the empty text is 0. */
  step(state: number, symbol: number): number
  /** The longest proper suffix of a state's texts that belongs to another state; -1 of state 0. */
  link(state: number): number
  /** The length of a state's longest text. */
  length(state: number): number
}

const FREE = -1

/** `maxLength`: the longest part that it will be built for. */
export function createSuffixAutomaton(maxLength: number): SuffixAutomaton {
  const lengths = new Int32Array(2 * maxLength + 2)
  const links = new Int32Array(2 * maxLength + 2)
  // Transitions in one open hash table; those of one state are also a list, for the state's copies.
  const maxSlots = slotsFor(maxLength)
  const fromState = new Int32Array(maxSlots)
  const symbols = new Int32Array(maxSlots)
  const targets = new Int32Array(maxSlots)
  const nextSlot = new Int32Array(maxSlots)
  const firstSlot = new Int32Array(2 * maxLength + 2)
  let mask = maxSlots - 1
  let stateCount = 0
  let last = 0

  /** Where the transition is, or where it would be put. */
  function slotOf(state: number, symbol: number): number {
    let hash = Math.imul(state, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = hash & mask
    while (fromState[slot] !== FREE && (fromState[slot] !== state || symbols[slot] !== symbol)) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  function connect(state: number, symbol: number, target: number): void {
    const slot = slotOf(state, symbol)
    if (fromState[slot] === FREE) {
      fromState[slot] = state
      symbols[slot] = symbol
      nextSlot[slot] = firstSlot[state] as number
      firstSlot[state] = slot
    }
    targets[slot] = target
  }

  function step(state: number, symbol: number): number {
    const slot = slotOf(state, symbol)
    return fromState[slot] === FREE ? -1 : (targets[slot] as number)
  }

  function addState(length: number, link: number): number {
    lengths[stateCount] = length
    links[stateCount] = link
    firstSlot[stateCount] = FREE
    return stateCount++
  }

  function extend(symbol: number): void {
    const current = addState((lengths[last] as number) + 1, 0)
    let state = last
    last = current
    while (state !== -1 && step(state, symbol) === -1) {
      connect(state, symbol, current)
      state = links[state] as number
    }
    if (state === -1) return
    const target = step(state, symbol)
    const isNext = lengths[target] === (lengths[state] as number) + 1
    links[current] = isNext ? target : split(state, symbol, target)
  }

  /** A copy of `target` for the shorter of its texts, which from now on end in more places than the longer ones. */
  function split(from: number, symbol: number, target: number): number {
    const copy = addState((lengths[from] as number) + 1, links[target] as number)
    for (let slot = firstSlot[target] as number; slot !== FREE; slot = nextSlot[slot] as number) {
      connect(copy, symbols[slot] as number, targets[slot] as number)
    }
    for (let state = from; state !== -1 && step(state, symbol) === target; state = links[state] as number) {
      connect(state, symbol, copy)
    }
    links[target] = copy
    return copy
  }

  return {
    build(text, from, to) {
      const slots = slotsFor(to - from)
      mask = slots - 1
      fromState.fill(FREE, 0, slots)
      stateCount = 0
      last = addState(0, -1)
      for (let i = from; i < to; i++) extend(text[i] as number)
    },
    step,
    link: (state) => links[state] as number,
    length: (state) => lengths[state] as number,
  }
}

/** A power of two that leaves a quarter free: an automaton has at most three transitions a symbol. */
function slotsFor(length: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(4, 4 * length)))
}

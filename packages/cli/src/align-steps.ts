import { isDeepStrictEqual } from 'node:util'

import { diffArrays } from 'diff'

import type { RunStep } from './run-steps.ts'

/**
 * - `same`: in both, at the same place, with the same content
 * - `changed`: in both, at the same place
 * - `moved`: in both, at another place; said where it stands in B
 * - `removed`, `added`: only in A, only in B
 */
export type StepChange = 'same' | 'changed' | 'moved' | 'removed' | 'added'

export interface AlignedStep {
  readonly change: StepChange
  readonly a?: RunStep
  readonly b?: RunStep
  /** How much more time than in A had passed since the last step that is in both, in milliseconds. */
  readonly delayMs?: number
  /** That is a tenth of a second at least, and half of what it was in A. */
  readonly pace?: 'slower' | 'faster'
}

/** Beyond so many differences the rest is compared no further: it is another run. */
const MAX_EDITS = 5000

const MIN_DELAY_MS = 100

/** Both runs side by side, in B's order with what only A has in between. */
export function alignSteps(a: readonly RunStep[], b: readonly RunStep[]): AlignedStep[] {
  return withDelays(withMoves(paired(a, b)))
}

function paired(a: readonly RunStep[], b: readonly RunStep[]): AlignedStep[] {
  const keys = (steps: readonly RunStep[]) => steps.map(({ key }) => key)
  const changes = diffArrays(keys(a), keys(b), { maxEditLength: MAX_EDITS }) ?? [
    { removed: true, added: false, count: a.length },
    { removed: false, added: true, count: b.length },
  ]
  let nextA = 0
  let nextB = 0
  return changes.flatMap(({ removed, added, count }) =>
    Array.from({ length: count }, (): AlignedStep => {
      if (removed) return { change: 'removed', a: a[nextA++] as RunStep }
      if (added) return { change: 'added', b: b[nextB++] as RunStep }
      return pairOf(a[nextA++] as RunStep, b[nextB++] as RunStep)
    }),
  )
}

function pairOf(a: RunStep, b: RunStep): AlignedStep {
  return { change: isDeepStrictEqual(a.content, b.content) ? 'same' : 'changed', a, b }
}

/** What was taken away and added again under the same name has moved. */
function withMoves(rows: readonly AlignedStep[]): AlignedStep[] {
  const removed = new Map<string, AlignedStep[]>()
  for (const row of rows) {
    if (row.change !== 'removed' || !row.a?.isNamed) continue
    removed.set(row.a.key, [...(removed.get(row.a.key) ?? []), row])
  }
  const gone = new Set<AlignedStep>()
  const moved = rows.map((row): AlignedStep => {
    const origin = row.change === 'added' && row.b ? removed.get(row.b.key)?.shift() : undefined
    if (!origin?.a) return row
    gone.add(origin)
    return { ...row, change: 'moved', a: origin.a }
  })
  return moved.filter((row) => !gone.has(row))
}

function withDelays(rows: readonly AlignedStep[]): AlignedStep[] {
  let last = { a: 0, b: 0 }
  return rows.map((row) => {
    const { change, a, b } = row
    if (!a || !b || change === 'moved') return row
    const usualMs = a.atMs - last.a
    const delayMs = b.atMs - last.b - usualMs
    last = { a: a.atMs, b: b.atMs }
    const isNoticeable = Math.abs(delayMs) >= Math.max(MIN_DELAY_MS, usualMs / 2)
    return { ...row, delayMs, ...(isNoticeable && { pace: delayMs > 0 ? 'slower' : 'faster' }) }
  })
}

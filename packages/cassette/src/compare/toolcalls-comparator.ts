import type { ToolCall } from '../conversation/conversation.ts'
import { type Comparator, comparison } from './comparator.ts'
import { compareLeaves, type LeafDifference, leavesOf, listDifferences } from './leaves.ts'

/**
 * Compares which tools the answers call, in which order and with which arguments. Calls are paired by position: a pair
 * scores the share of its arguments' leaves that are the same, nothing when the names differ or one is missing.
 */
export const toolcallsComparator: Comparator = {
  name: 'toolcalls',
  compare({ baseline: { toolCalls: before }, target: { toolCalls: after } }) {
    const count = Math.max(before.length, after.length)
    if (count === 0) {
      return comparison('toolcalls', { score: 1, passed: true, detail: 'neither response called tools' })
    }
    const pairs = Array.from({ length: count }, (_, index) => comparePair(index, before[index], after[index]))
    const differences = pairs.flatMap((pair) => pair.differences)
    const score = pairs.reduce((sum, pair) => sum + pair.score, 0) / count
    const names = before.map(({ name }) => name).join(', ')
    const detail = differences.length > 0 ? listDifferences(differences) : `tool calls match (${names})`
    return comparison('toolcalls', { score, passed: differences.length === 0, detail })
  },
}

interface Pair {
  readonly score: number
  readonly differences: readonly string[]
}

function comparePair(index: number, before: ToolCall | undefined, after: ToolCall | undefined): Pair {
  const call = `call[${index}]`
  if (!before) return { score: 0, differences: [`${call} extra in target: ${after?.name}`] }
  if (!after) return { score: 0, differences: [`${call} missing in target: ${before.name}`] }
  if (before.name !== after.name) return { score: 0, differences: [`${call}: ${before.name}→${after.name}`] }
  const leaves = compareLeaves(leavesOf(before.arguments), leavesOf(after.arguments))
  const wrong = leaves.filter(({ kind }) => kind !== 'same')
  return {
    score: (leaves.length - wrong.length) / leaves.length,
    differences: wrong.map((leaf) => describe(`${call} ${before.name}`, leaf)),
  }
}

function describe(call: string, { path, kind, change }: LeafDifference): string {
  return kind === 'changed' ? `${call}.${path}: ${change}` : `${call}: ${kind} in target: ${path}`
}

import { withoutFence } from './comparable-text.ts'
import { type Comparator, type Comparison, comparison, failedComparison } from './comparator.ts'
import {
  compareLeaves,
  type LeafDifference,
  leavesOf,
  listDifferences,
  parseForComparison,
} from './leaves.ts'

/**
 * Compares JSON answers leaf by leaf: the score is the share of leaves that are the same, and all have to be. `fields`
 * are paths (`category`, `meta.source`, `labels[0]`) that count alone, each with all below it; none counts everything.
 */
export function jsonComparator(fields: readonly string[] = []): Comparator {
  const name = fields.length > 0 ? `json:${fields.join(',')}` : 'json'
  return {
    name,
    compare({ baseline, target }) {
      const before = parsed(baseline.text)
      const after = parsed(target.text)
      if ('problem' in before) return failedComparison(name, `baseline is not valid JSON: ${before.problem}`)
      if ('problem' in after) {
        return comparison(name, {
          score: 0,
          passed: false,
          detail: `target is not valid JSON: ${after.problem}`,
        })
      }
      return judge(name, fields, compareLeaves(leavesOf(before.value), leavesOf(after.value)))
    },
  }
}

function parsed(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: parseForComparison(withoutFence(text)) }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: error.message }
    throw error
  }
}

function judge(name: string, fields: readonly string[], leaves: readonly LeafDifference[]): Comparison {
  const isScoped = fields.length > 0
  const counted = leaves.filter(({ path }) => !isScoped || fields.some((field) => covers(field, path)))
  const absent = fields.filter((field) => !leaves.some(({ path }) => covers(field, path)))
  if (isScoped && absent.length === fields.length) {
    const where = `none of the fields ${fields.join(', ')} is in either answer`
    return failedComparison(name, `${where}: check their paths, as meta.source or labels[0]`)
  }
  const wrong = counted.filter(({ kind }) => kind !== 'same')
  const aside = leaves.filter((leaf) => leaf.kind !== 'same' && !counted.includes(leaf))
  const total = counted.length
  const details = [
    wrong.length > 0
      ? listDifferences(wrong.map(describe))
      : `all ${total}${isScoped ? ' scoped' : ''} fields match`,
    ...(absent.length > 0 ? [`in neither answer: ${absent.join(', ')}`] : []),
    ...(aside.length > 0 ? [`out of scope (informational): ${listDifferences(aside.map(describe))}`] : []),
  ]
  const score = (total - wrong.length) / total
  return comparison(name, { score, passed: wrong.length === 0, detail: details.join(' · ') })
}

function covers(field: string, path: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`)
}

function describe({ path, kind, change }: LeafDifference): string {
  return kind === 'changed' ? `${path}: ${change}` : `${kind} in target: ${path}`
}

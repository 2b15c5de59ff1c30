import { createBeginningIndex } from './scrub-begins.ts'
import { MAX_TRIGGER_CHARS, type SecretRule } from './scrub-rules.ts'
import { MAX_HELD_CHARS, type SecretExtent, type SecretFinder } from './scrub-text.ts'

interface CompiledRule extends SecretRule {
  /** The first `MAX_HELD_CHARS` of a run, which tell whether it is a secret. */
  readonly head: RegExp
  readonly run: RegExp
}

/** Finds what the rules describe, in time linear in the text. */
export function knownSecrets(
  rules: readonly SecretRule[],
  maxTriggerChars = MAX_TRIGGER_CHARS,
): SecretFinder {
  const compiled: readonly CompiledRule[] = rules.map((rule) => ({
    ...rule,
    head: new RegExp(`(?:${rule.unit}){0,${MAX_HELD_CHARS}}`, 'y'),
    run: new RegExp(`(?:${rule.unit})*`, 'y'),
  }))
  const triggers = new RegExp(rules.map(({ trigger }) => `(${trigger})`).join('|'), 'y')
  const beginnings = createBeginningIndex(rules.flatMap(({ begins }) => begins))

  function nextTrigger(text: string, from: number): RegExpExecArray | undefined {
    for (let at = beginnings.next(text, from); at >= 0; at = beginnings.next(text, at + 1)) {
      triggers.lastIndex = at
      const match = triggers.exec(text)
      if (match) return match
    }
    return undefined
  }

  return (text, from, isLast) => {
    let searchedTo = Math.max(0, from - maxTriggerChars)
    for (;;) {
      const match = nextTrigger(text, searchedTo)
      if (!match) return undefined
      const start = match.index + match[0].length
      searchedTo = start
      // What followed this one is decided.
      if (start < from) continue
      const rule = compiled[match.indexOf(match[0], 1) - 1] as CompiledRule
      const headEnd = endOfRun(rule.head, text, start)
      const head = text.slice(start, headEnd)
      const mayGoOn = !isLast && head.length < MAX_HELD_CHARS && reachesEnd(rule, text, headEnd)
      const isSecret = rule.test.test(head)
      if (mayGoOn && (rule.endsBefore || !isSecret)) return { start }
      if (!isSecret) continue
      const goOn = (later: string, at: number, isEnd: boolean) => extent(rule, later, at, isEnd)
      if (!rule.endsBefore) return { start, kind: rule.kind, ...goOn(text, start, isLast), goOn }
      const end = start + head.lastIndexOf(rule.endsBefore)
      return { start, kind: rule.kind, end, isOpen: false, goOn }
    }
  }
}

function extent(rule: CompiledRule, text: string, from: number, isLast: boolean): SecretExtent {
  const end = endOfRun(rule.run, text, from)
  return { end, isOpen: !isLast && reachesEnd(rule, text, end) }
}

function endOfRun(run: RegExp, text: string, from: number): number {
  run.lastIndex = from
  run.test(text)
  return Math.max(run.lastIndex, from)
}

/** Whether the next fragment may make the run longer. */
function reachesEnd({ looksAhead }: SecretRule, text: string, end: number): boolean {
  return end === text.length || (looksAhead === true && end === text.length - 1)
}

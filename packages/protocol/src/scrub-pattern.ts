import { partialPattern } from './scrub-partial.ts'
import { CONTEXT_CHARS, MAX_HELD_CHARS, type Secret, type SecretFinder } from './scrub-text.ts'

/** Finds what the pattern matches. What may be the beginning of a match is suspected. */
export function patternSecrets(pattern: RegExp, kind: string): SecretFinder {
  const flags = pattern.flags.replace(/[gy]/g, '')
  const anywhere = new RegExp(pattern.source, `${flags}g`)
  const here = new RegExp(pattern.source, `${flags}y`)
  const partial = partialPattern(pattern, MAX_HELD_CHARS)

  /** Goes on with a match that was longer than what is held back: its beginning stands for it. */
  function goOnFrom(context: string, head: string): Secret['goOn'] {
    return (text, from, isLast) => {
      here.lastIndex = context.length
      const whole = here.exec(context + head + text.slice(from))?.[0].length ?? 0
      const end = from + Math.max(0, whole - head.length)
      return { end, isOpen: !isLast && end === text.length }
    }
  }

  return (text, from, isLast) => {
    const match = firstMatch(anywhere, text, from)
    const start = match?.index ?? text.length
    const end = start + (match?.[0].length ?? 0)
    const mayGoOn = !isLast && end === text.length
    const beginning = isLast
      ? undefined
      : firstMatch(partial, text, Math.max(from, text.length - MAX_HELD_CHARS))
    if (beginning && beginning.index < start) return { start: beginning.index }
    if (!match) return undefined
    if (mayGoOn && text.length - start < MAX_HELD_CHARS) return { start }
    const context = text.slice(Math.max(0, start - CONTEXT_CHARS), start)
    const head = text.slice(start, start + MAX_HELD_CHARS)
    return { start, end, kind, isOpen: mayGoOn, goOn: goOnFrom(context, head) }
  }
}

/** The first match that is not empty. */
function firstMatch(pattern: RegExp, text: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[0] !== '') return match
    pattern.lastIndex++
  }
  return undefined
}

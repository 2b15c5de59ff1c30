import { renderResponse } from '../conversation/prompt-text.ts'
import type { DecodedResponse } from '../providers/decoded-response.ts'

/** An answer as `exact` and `fuzzy` see it: without a fence around all of it, in one case, with single spaces. */
export function comparableText(response: DecodedResponse): string {
  return normalText(withoutFence(renderResponse(response)))
}

/**
 * What is in a Markdown code fence that holds the whole text; any other text as it is. Models put JSON in one even when
 * told not to: it is presentation, no content.
 */
export function withoutFence(text: string): string {
  const trimmed = text.trim()
  const [opening] = /^```[\p{L}\p{N}_+-]*[ \t]*\r?\n/u.exec(trimmed) ?? []
  if (opening === undefined || !trimmed.endsWith('```') || trimmed.length < opening.length + 3) return text
  const end = trimmed.length - 3
  let last = end
  while (last > opening.length && ' \t'.includes(trimmed[last - 1] as string)) last--
  if (trimmed[last - 1] === '\n' && last > opening.length) last--
  if (trimmed[last - 1] === '\r' && last > opening.length) last--
  return trimmed.slice(opening.length, last)
}

/** Runs of white space as one space, none at the ends, letters in one case. */
export function normalText(text: string): string {
  return foldCase(text.replace(/\p{White_Space}+/gu, ' ').trim())
}

/**
 * Unicode's case folding, which JavaScript lacks: upper case and then lower case folds nearly all, `ß` and `SS` too. Not
 * the dotless ı, which is no i, ẞ, which has no other upper case, and σ at the end of a word, which becomes ς.
 */
function foldCase(text: string): string {
  const fold = (part: string) => part.toUpperCase().toLowerCase()
  return text.replaceAll('ẞ', 'ss').split('ı').map(fold).join('ı').replaceAll('ς', 'σ')
}

/** The beginning of a text for an API that reads only so much. */
export function clipped(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  // Half of a character that takes two units is none.
  return `${text.slice(0, maxChars).replace(/[\ud800-\udbff]$/, '')} …[truncated]`
}

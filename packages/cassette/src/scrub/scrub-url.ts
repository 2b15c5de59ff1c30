import type { Scrubber } from '@agent-stream/protocol/scrub'

import { scrubParameter } from './secret-query.ts'

/** A URL without user, password, secret parameters and what else is a secret in it; as it was where it has none. */
export function scrubUrl(text: string, scrubber: Scrubber): string {
  if (!URL.canParse(text)) return scrubber.text(text)
  const url = new URL(text)
  const hasUser = url.username !== '' || url.password !== ''
  url.username = ''
  url.password = ''
  const parameters = [...url.searchParams].map(
    ([name, value]) => [name, value, scrubParameter(name, value, scrubber)] as const,
  )
  const isChanged = parameters.some(([, value, scrubbed]) => value !== scrubbed)
  if (isChanged) url.search = parameters.map(([name, , scrubbed]) => parameterText(name, scrubbed)).join('&')
  return scrubber.text(hasUser || isChanged ? url.href : text)
}

/** The brackets of what stands for a secret need no escape. */
function parameterText(name: string, value: string): string {
  return `${encodeURIComponent(name)}=${encodeURIComponent(value).replace(/%5B|%5D|%3A/g, decodeURIComponent)}`
}

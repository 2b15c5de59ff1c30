import { createScrubber, type Scrubber, type ScrubOptions } from '@agent-stream/protocol/scrub'

import { type CapturedRequest, headerValue } from '../exchange.ts'
import { scrubParameter } from './secret-query.ts'

/** Others are words that stand anywhere: a key called `not-needed`. */
const TELLING = /^(?=[^\d]*\d)[\s\S]{12,256}$|^[\s\S]{24,256}$/
const REDACTED = /\[REDACTED/

/**
 * A scrubber that also knows the secrets of just this request, so that a server which repeats the key in its error
 * message gives nothing away, whatever the key looks like.
 */
export function createRequestScrubbers(options: ScrubOptions): (request: CapturedRequest) => Scrubber {
  const plain = createScrubber(options)
  let last: { readonly secrets: string; readonly scrubber: Scrubber } | undefined
  return (request) => {
    const secrets = requestSecrets(request, plain)
    if (secrets.length === 0) return plain
    const key = secrets.join('\0')
    if (last?.secrets !== key) {
      const forms = new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]))
      const patterns = [...(options.patterns ?? []), ...[...forms].map((form) => new RegExp(escaped(form)))]
      last = { secrets: key, scrubber: createScrubber({ ...options, patterns }) }
    }
    return last.scrubber
  }
}

/** What is secret by the name of its header or parameter, or as a user or a cookie, longest first. */
export function requestSecrets({ url, headers }: CapturedRequest, plain: Scrubber): readonly string[] {
  const { username, password, searchParams } = new URL(url)
  const isSecret = (value: string, scrubbed: string) => scrubbed !== value && REDACTED.test(scrubbed)
  const inHeaders = headers
    .filter(([name, value]) => isSecret(value, plain.field(name, value)))
    .flatMap(([name, value]) => (/cookie/i.test(name) ? [] : credentials(value)))
  const inQuery = [...searchParams]
    .filter(([name, value]) => isSecret(value, scrubParameter(name, value, plain)))
    .map(([, value]) => value)
  const cookies = (headerValue(headers, 'cookie') ?? '')
    .split(/; */)
    .map((pair) => pair.replace(/^[^=]*=/, ''))
  const all = [...inHeaders, ...inQuery, ...cookies, decoded(password), decoded(username)]
  return [...new Set(all)]
    .filter((secret) => TELLING.test(secret) && !REDACTED.test(secret))
    .sort((a, b) => b.length - a.length)
}

/** Without the scheme; of HTTP's Basic one also what its base64 says, `user:password`. */
function credentials(header: string): readonly string[] {
  const value = header.replace(/^[A-Za-z]+ +/, '')
  if (!/^basic /i.test(header)) return [value]
  const [user = '', ...password] = Buffer.from(value, 'base64').toString().split(':')
  return [value, user, password.join(':')]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

/** Headers as they are on the wire: names and values in turn, in their order, repeated ones too. */
export type RawHeaders = readonly string[]

/** Those of one connection (RFC 9110, section 7.6.1), and what older proxies take for such. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** All headers that are for the other end: not those of this connection, nor what `Connection` names. */
export function endToEndHeaders(headers: RawHeaders, without: ReadonlySet<string> = new Set()): string[] {
  const named = connectionOptions(headers)
  const passed: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    if (HOP_BY_HOP.has(name) || named.has(name) || without.has(name)) continue
    passed.push(headers[i] as string, headers[i + 1] as string)
  }
  return passed
}

/** The same, in pairs. */
export function headerPairs(headers: RawHeaders): [string, string][] {
  return Array.from({ length: headers.length >> 1 }, (_, i) => [
    headers[2 * i] as string,
    headers[2 * i + 1] as string,
  ])
}

/** The first value under this name, which is in lower case. */
export function headerValue(headers: RawHeaders, name: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() === name) return headers[i + 1]
  }
  return undefined
}

function connectionOptions(headers: RawHeaders): ReadonlySet<string> {
  const options = new Set<string>()
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if ((headers[i] as string).toLowerCase() !== 'connection') continue
    for (const option of (headers[i + 1] as string).split(',')) options.add(option.trim().toLowerCase())
  }
  // What a message cannot do without is no connection's own, whoever says so.
  for (const needed of ['content-length', 'content-type', 'host']) options.delete(needed)
  return options
}

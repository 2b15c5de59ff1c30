import { isSecret } from '../proxy/client-key.ts'

/**
 * Whether a request has the token: as `Authorization: Bearer …`, or as the password that a browser asks for. What
 * comes from another page of the browser has none.
 */
export function hasToken(headers: Pick<Headers, 'get'>, token: string): boolean {
  const [, scheme = '', value = ''] = /^(\w+) +(.+)$/.exec(headers.get('authorization') ?? '') ?? []
  if (/^bearer$/i.test(scheme)) return isSecret(value, token)
  if (!/^basic$/i.test(scheme)) return false
  const pair = Buffer.from(value, 'base64').toString()
  return isSecret(pair.slice(pair.indexOf(':') + 1), token)
}

import type { ProviderName } from '../providers/provider.ts'

/** Parts of host names that tell a provider. */
const HOSTS = [
  ['mistral', 'mistral'],
  ['generativelanguage', 'gemini'],
  ['anthropic', 'anthropic'],
  ['openai', 'openai'],
] as const

/** Hosts that say nothing of who is behind them: a gateway, a test's server. */
const LOCAL_HOST =
  /^(?:localhost|\[::1?\]|0\.0\.0\.0|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|[^.]+$|.*\.(?:local|localhost|internal|test)$)/

/** As its host tells; the host itself of a provider that is not known. */
export function providerOfHost(host: string): string {
  const name = host.toLowerCase()
  return HOSTS.find(([part]) => name.includes(part))?.[1] ?? (name || 'unknown')
}

/**
 * As its host tells, or the wire where the host is a local one, which has no other name than that. So a recording does
 * not depend on a base URL.
 */
export function providerOfRequest(host: string, wire: ProviderName | null): string {
  const byHost = providerOfHost(host)
  if (byHost !== host.toLowerCase() || !LOCAL_HOST.test(byHost)) return byHost
  if (wire === null) return 'local'
  return wire === 'openai-responses' ? 'openai' : wire
}

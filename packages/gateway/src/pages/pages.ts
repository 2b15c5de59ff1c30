import { assetAt } from '../assets.ts'
import type { Health } from '../calls/health.ts'
import type { InFlightCall } from '../calls/in-flight.ts'
import type { CallReport } from '../observe/call-report.ts'
import { hasToken } from './access.ts'
import type { Probes } from './probes.ts'

export interface PagesOptions {
  /** Opens `/debug/`; without one, it is not there. */
  readonly token: string | undefined
  readonly health: () => Health
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>
  readonly inFlight: () => readonly InFlightCall[]
  /** Of calls that ended, the last ones, the newest first. */
  readonly lastCalls: (count: number) => readonly CallReport[]
  readonly probes: Probes
}

/** Answers what is the gateway's own; undefined for what is an API's. */
export type Pages = (request: Request) => Promise<Response> | undefined

/** The paths that no API has. */
const OWN_PATH = /^\/(?:health\/(?:streaming|probe(?:\/[\w-]+)?)|metrics|debug(?:\/.*)?)$/
const MAX_CALLS = 1000

/** Whether the gateway itself answers at this path, and no API. */
export function isOwnPath(path: string): boolean {
  return OWN_PATH.test(path.replace(/\?.*$/s, ''))
}

export function createPages(options: PagesOptions): Pages {
  return (request) => {
    const { pathname } = new URL(request.url)
    if (!isOwnPath(pathname)) return undefined
    return answer(pathname, request, options)
  }
}

async function answer(path: string, request: Request, options: PagesOptions): Promise<Response> {
  if (path.startsWith('/health/probe'))
    return options.probes.answer(request, path.slice('/health/probe/'.length))
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return text(405, 'Only GET', { allow: 'GET, HEAD' })
  if (path === '/health/streaming') return healthPage(options.health())
  if (path === '/metrics')
    return text(200, await options.metrics(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
  return debugPage(path, request, options)
}

/** Whoever balances load takes a gateway that ends out; one that is degraded still serves. */
function healthPage(health: Health): Response {
  return json(health, health.status === 'draining' ? 503 : 200)
}

function debugPage(path: string, request: Request, options: PagesOptions): Response {
  const { token, health, inFlight, lastCalls } = options
  if (token === undefined) return text(404, 'There is no /debug/ without a token')
  if (!hasToken(request.headers, token)) {
    const challenge = { 'www-authenticate': 'Basic realm="agent-stream gateway", charset="UTF-8"' }
    return text(401, 'Send the token as a bearer token, or as the password for any user', challenge)
  }
  if (path === '/debug') return new Response(null, { status: 308, headers: { location: '/debug/' } })
  if (path === '/debug/calls') {
    const limit = Number(new URL(request.url).searchParams.get('limit') ?? 100)
    const count = Number.isSafeInteger(limit) && limit > 0 ? Math.min(limit, MAX_CALLS) : 100
    return json({ health: health(), in_flight: inFlight(), calls: lastCalls(count).map(shown) })
  }
  const asset = assetAt(path)
  return asset ? text(200, asset.body, { 'content-type': asset.type }) : text(404, 'Not found')
}

/** Gaps as quantiles stand in the health; each call's own are too many to be read. */
function shown({ gapsMs, ...report }: CallReport): object {
  const sorted = [...gapsMs].sort((a, b) => a - b)
  return { ...report, gapMs: sorted[sorted.length >> 1] ?? null, maxGapMs: sorted.at(-1) ?? null }
}

/** Nothing from elsewhere, nothing inside elsewhere, and nothing kept. */
const SAFE: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...SAFE, ...headers },
  })
}

function json(value: object, status = 200): Response {
  return text(status, `${JSON.stringify(value)}\n`, { 'content-type': 'application/json' })
}

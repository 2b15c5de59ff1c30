import type { Wire } from '@agent-stream/protocol'

import { createDialectWriter, type DialectCursor, FROM_START } from '../emit/dialect-writer.ts'
import { SSE_HEADERS } from '../emit/response.ts'
import { LogError } from '../log/log-error.ts'
import type { RunInfo, RunStore } from '../log/run-store.ts'
import { MAX_TIMEOUT_MS } from '../log/when-available.ts'
import type { Agent } from '../run/agent.ts'
import type { RunHooks } from '../run/run-hooks.ts'
import { createStateReader } from '../run/run-state.ts'
import { createRunner } from '../run/runner.ts'
import type { Authorize } from './authorize.ts'
import { allowOrigin, type CorsOptions, checkCors, isPreflight, preflightAnswer } from './cors.ts'
import { HttpError, json } from './http-error.ts'
import { readBody, readObject } from './request-body.ts'
import { answerInput, cancelRun, describeRun, readFilter } from './run-answers.ts'
import { findRoute, type Route, unknownRun } from './run-routes.ts'
import { createRunStream } from './run-stream.ts'

export interface RunServerOptions extends RunHooks {
  /** Where runs are kept: `memoryLog()`, `fileLog(dir)`, `redisLog(client)`. Closed by whoever made it. */
  readonly log: RunStore
  readonly agent: Agent
  readonly authorize: Authorize
  /** The agent goes on from `context.state` when its process died: the run is given to it again. Default false. */
  readonly canContinue?: boolean
  /** What stands before `/runs` in the path, like `/api`. Default: nothing. */
  readonly basePath?: string
  /** Wires besides its own that requests may ask for with `?dialect=<name>`, like `aiSdkUiWire`. Default: none. */
  readonly dialects?: readonly Wire[]
  /** Default: no other origin. */
  readonly cors?: CorsOptions
  /** What a client reports of a stream that ended without `done`, as it sent it. */
  readonly onReport?: (report: Readonly<Record<string, unknown>>, owner: string) => void | Promise<void>
  /** The longest a stream stays silent, in milliseconds. Default 15,000. */
  readonly heartbeatMs?: number
  /** How long a process may be silent before another takes its runs over, in milliseconds. Default 15,000. */
  readonly leaseMs?: number
  /** How long a reader may take nothing before it is dropped, in milliseconds. Default 60,000. */
  readonly readerTimeoutMs?: number
  /** Runs that this process works on at the same time; beyond it, 429. Default 10,000. */
  readonly maxRuns?: number
  /** Default 1 MiB. */
  readonly maxBodyBytes?: number
}

export interface RunServer {
  /** Answers a request; rejects never. */
  fetch(request: Request): Promise<Response>
  /**
   * Takes no more runs and waits up to `drainMs` (default 0) for those it has. What is left then goes on in another
   * process, if the agent can continue, and else ends as lost. The log stays open.
   */
  close(drainMs?: number): Promise<void>
}

const MAX_KEY_CHARS = 255
/** The newest of an owner's running runs among which that of a conversation is looked for. */
const MAX_THREAD_RUNS = 1000

/** Runs agents, keeps what they say, and serves it: `spec/protocol.md`, section 8. */
export function createRunServer(options: RunServerOptions): RunServer {
  const { log, authorize, cors, dialects = [], basePath = '' } = options
  const { maxRuns = 10_000, maxBodyBytes = 1_048_576 } = options
  const { heartbeatMs = 15_000, leaseMs = 15_000, readerTimeoutMs = 60_000, canContinue = false } = options
  checkOptions(options)
  const onError = safely(options.onError ?? reportError)
  const runner = createRunner({ ...options, canContinue, heartbeatMs, leaseMs, maxRuns, onError })
  const readState = createStateReader(log)

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const route = findRoute(request.method, url.pathname, basePath)
    const { action, resource, runId, threadId = '' } = route
    const dialect = findDialect(url.searchParams.get('dialect'))
    const grant = await authorize(request, { action, ...(runId && { runId }) })
    if (!grant) throw new HttpError('unauthorized', 'This needs a valid authorization')
    const { owner } = grant
    if (typeof owner !== 'string') {
      throw new TypeError(`authorize: expected { owner: "…" } or false, got an owner of type ${typeof owner}`)
    }
    switch (resource) {
      case 'runs':
        return action === 'start' ? start(request, owner, dialect) : list(url.searchParams, owner)
      case 'thread':
        return followThread(threadId, owner, dialect)
      case 'report': {
        await options.onReport?.(await readObject(request, maxBodyBytes), owner)
        return new Response(null, { status: 204 })
      }
      default:
        return answerAbout(await ownRun(runId, owner), resource, request, url.searchParams, dialect)
    }
  }

  async function answerAbout(
    info: RunInfo,
    resource: Exclude<Route['resource'], 'runs' | 'report' | 'thread'>,
    request: Request,
    query: URLSearchParams,
    dialect: Wire | undefined,
  ): Promise<Response> {
    switch (resource) {
      case 'run':
        return describeState(info)
      case 'events':
        return follow(info, readCursor(request.headers.get('last-event-id') ?? query.get('after')), dialect)
      case 'input':
        return answerInput(log, info, await readObject(request, maxBodyBytes), readState)
      case 'cancel':
        return cancelRun(log, info, await readObject(request, maxBodyBytes))
    }
  }

  async function start(request: Request, owner: string, dialect: Wire | undefined): Promise<Response> {
    const idempotencyKey = request.headers.get('idempotency-key') ?? undefined
    if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > MAX_KEY_CHARS)) {
      throw new HttpError('invalid_request', `Idempotency-Key: expected 1 to ${MAX_KEY_CHARS} characters`)
    }
    const { text } = await readBody(request, maxBodyBytes)
    const bodyHash = await sha256(text)
    if (runner.room <= 0) {
      const message = 'The server has as many runs as it can take'
      throw new HttpError('overloaded', message, { headers: { 'Retry-After': '5' } })
    }
    const info = await runner.start({
      runId: randomId(),
      owner,
      startedAt: new Date().toISOString(),
      input: text,
      bodyHash,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    })
    if (info.bodyHash !== bodyHash) {
      const message = 'This Idempotency-Key was used before, with another body'
      throw new HttpError('idempotency_conflict', message)
    }
    return stream(info, FROM_START, dialect)
  }

  async function list(query: URLSearchParams, owner: string): Promise<Response> {
    const runs = await log.list(readFilter(query, owner))
    return json({ runs: runs.map(describeRun) })
  }

  /** The run, if it is this owner's; to everyone else it does not exist. */
  async function ownRun(runId: string, owner: string): Promise<RunInfo> {
    const info = await log.get(runId)
    if (info?.owner !== owner) throw unknownRun()
    return info
  }

  /** The run as its state has it: both of one moment. */
  async function describeState(info: RunInfo): Promise<Response> {
    const { state, last, hasEnded } = await readState(info.runId)
    const { end } = (hasEnded && !info.end && (await log.get(info.runId))) || info
    return json({ ...describeRun({ ...info, last, end: hasEnded ? end : undefined }), state })
  }

  /** The run that goes on in a conversation: that of a client that has come back, and knows no more of it. */
  async function followThread(threadId: string, owner: string, dialect: Wire | undefined): Promise<Response> {
    if (!dialect) throw new HttpError('invalid_request', `dialect: expected one, ${dialectNames(dialects)}`)
    const running = await log.list({ owner, status: 'running', limit: MAX_THREAD_RUNS })
    const info = running.find(({ input }) => dialect.threadOf(JSON.parse(input)) === threadId)
    return info ? stream(info, FROM_START, dialect) : new Response(null, { status: 204 })
  }

  function follow(info: RunInfo, after: DialectCursor, dialect: Wire | undefined): Response {
    const { last, end } = info
    if (after.seq > last) {
      const message = `The log ends at ${last}, before the event ${after.seq} that was asked for: start again from 0`
      throw new HttpError('log_rewound', message, { details: { last_seq: last } })
    }
    return end && after.seq === last ? new Response(null, { status: 204 }) : stream(info, after, dialect)
  }

  function stream({ runId, input }: RunInfo, after: DialectCursor, dialect: Wire | undefined): Response {
    const writer = dialect && createDialectWriter({ dialect, body: JSON.parse(input), after })
    const body = createRunStream({
      log,
      runId,
      after: after.seq,
      heartbeatMs,
      readerTimeoutMs,
      onError,
      writer,
    })
    const query = dialect ? `?dialect=${encodeURIComponent(dialect.name)}` : ''
    const location = { 'content-location': `${basePath}/runs/${runId}/events${query}` }
    return new Response(body, { headers: { ...SSE_HEADERS, ...dialect?.headers, ...location } })
  }

  function findDialect(name: string | null): Wire | undefined {
    const dialect = dialects.find((other) => other.name === name)
    if (name !== null && !dialect) {
      throw new HttpError('invalid_request', `dialect: there is none of this name, ${dialectNames(dialects)}`)
    }
    return dialect
  }

  async function answerSafely(request: Request): Promise<Response> {
    try {
      return cors && isPreflight(request) ? preflightAnswer(cors) : await answer(request)
    } catch (error) {
      const known = error instanceof HttpError ? error : fromLogError(error)
      if (!known) onError(error)
      return (known ?? new HttpError('internal_error', 'The server failed')).toResponse()
    }
  }

  return {
    async fetch(request) {
      const response = await answerSafely(request)
      return cors ? allowOrigin(response, request, cors) : response
    },
    close: (drainMs = 0) => runner.close(drainMs),
  }
}

const COUNTS = ['heartbeatMs', 'leaseMs', 'readerTimeoutMs', 'maxRuns', 'maxBodyBytes'] as const

function checkOptions(options: RunServerOptions): void {
  const { authorize, basePath = '', cors, log, agent, heartbeatMs = 1, leaseMs = 1 } = options
  for (const name of COUNTS) {
    const { [name]: value = 1 } = options
    if (!(value > 0)) throw new TypeError(`createRunServer: "${name}" is ${value}; expected more than 0`)
  }
  // They are timers: beyond it, Node fires at once.
  if (Math.max(heartbeatMs, leaseMs) > MAX_TIMEOUT_MS) {
    throw new TypeError(
      `createRunServer: expected a heartbeatMs and leaseMs of at most ${MAX_TIMEOUT_MS}, got ${heartbeatMs} and ${leaseMs}`,
    )
  }
  if (typeof authorize !== 'function') {
    throw new TypeError('createRunServer: expected authorize; to let everyone do everything, pass allowAll')
  }
  if (typeof agent !== 'function') throw new TypeError(`createRunServer: expected agent, got ${typeof agent}`)
  if (typeof log?.append !== 'function') {
    throw new TypeError('createRunServer: expected log, like memoryLog() or fileLog(folder)')
  }
  if (basePath !== '' && !/^\/.*[^/]$/.test(basePath)) {
    throw new TypeError(`createRunServer: expected a basePath like "/api", got "${basePath}"`)
  }
  if (cors) checkCors(cors)
}

function fromLogError(error: unknown): HttpError | undefined {
  if (!(error instanceof LogError)) return undefined
  if (error.code === 'not_found') return unknownRun()
  if (error.code !== 'unavailable' && error.code !== 'closed') return undefined
  const message = 'The log cannot be reached now'
  return new HttpError('log_unavailable', message, { headers: { 'Retry-After': '1' } })
}

/** The number of an event, of another wire with how many messages of the next one there were. */
function readCursor(given: string | null): DialectCursor {
  if (given === null || given === '') return FROM_START
  const [, seq, messages = 0] = /^(0|[1-9]\d{0,15})(?:\.(\d{1,9}))?$/.exec(given) ?? []
  if (seq !== undefined) return { seq: Number(seq), messages: Number(messages) }
  throw new HttpError('invalid_request', 'Last-Event-ID: expected the number of an event')
}

function dialectNames(dialects: readonly Wire[]): string {
  return dialects.length === 0
    ? 'and the server speaks no other'
    : `like ${dialects.map(({ name }) => name).join(', ')}`
}

/** 128 random bits in hexadecimal. */
function randomId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)))
}

async function sha256(text: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** What is told of a failure may fail too: no run and no answer ends with it. */
function safely(onError: NonNullable<RunHooks['onError']>): NonNullable<RunHooks['onError']> {
  return (error, run) => {
    try {
      onError(error, run)
    } catch (failure) {
      reportError(failure)
    }
  }
}

/** A failure that nobody asked to be told of must not be silent. */
function reportError(error: unknown): void {
  // biome-ignore lint/suspicious/noConsole: the default of onError, which an application replaces
  console.error(error)
}

import type { BufferingVerdict } from '@agent-stream/protocol/buffering'
import { agentStreamResponse, type Clock } from '@agent-stream/server'
import type { HopWatch } from '../calls/hop-watch.ts'
import type { CallReport } from '../observe/call-report.ts'
import { PROBE_HEADER } from '../proxy/switchboard.ts'

/** Answers whoever wants to know whether something between here and there holds streams back. */
export interface Probes {
  /** `GET /health/probe`: a short stream. `POST /health/probe/<id>`: what a client saw of it, or of a call. */
  answer(request: Request, id: string): Promise<Response>
  /** A call with which a client asks the same. */
  add(report: CallReport): void
}

const MESSAGES = 12
const STEP_MS = 100
const MAX_PROBES = 16
/** For a call that has just ended to be reported. */
const WAIT_MS = 1500
/** Calls that a client may still ask for. */
const REMEMBERED = 100
const MAX_SAID_CHARS = 4096

export function createProbes(hops: HopWatch, clock: Clock): Probes {
  const calls = new Map<string, CallReport>()
  const waiting = new Map<string, () => void>()
  /** Of short streams that were asked for. */
  const streams = new Set<string>()
  let running = 0

  /** The call of this id; its report may be on its way still. */
  async function callOf(id: string): Promise<CallReport | undefined> {
    if (calls.has(id) || streams.has(id) || waiting.size >= MAX_PROBES) return calls.get(id)
    let timer: unknown
    await new Promise<void>((resolve) => {
      waiting.set(id, resolve)
      timer = clock.setTimeout(resolve, WAIT_MS)
    })
    clock.clearTimeout(timer)
    waiting.delete(id)
    return calls.get(id)
  }

  async function* messages(signal: AbortSignal) {
    try {
      for (let i = 0; i < MESSAGES && !signal.aborted; i++) {
        if (i > 0) await new Promise<void>((resolve) => clock.setTimeout(resolve, STEP_MS))
        yield { type: 'token', text: `${i + 1} ` } as const
      }
      yield { type: 'done', durationMs: (MESSAGES - 1) * STEP_MS } as const
    } finally {
      running--
    }
  }

  function stream(request: Request): Response {
    if (running >= MAX_PROBES) return new Response('Too many probes at a time', { status: 429 })
    running++
    remember(streams, request.headers.get(PROBE_HEADER) ?? '')
    // Without the headers that keep proxies from buffering: an API's streams have none, either.
    const { body } = agentStreamResponse(messages(request.signal))
    return new Response(body, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    })
  }

  /** What a client saw of its side, for what was seen of the API's. */
  async function exchange(request: Request, id: string): Promise<Response> {
    const verdict = verdictOf(await beginningOf(request))
    if (!verdict) return new Response('Expected { buffering, because }', { status: 400 })
    const call = await callOf(id)
    const cameHere = call?.upstream?.buffering
    // What was held back before it came here says nothing of the way behind.
    const isKnown = call !== undefined || streams.has(id)
    const isTelling =
      isKnown && verdict.buffering !== 'unclear' && (cameHere === undefined || cameHere === 'streams')
    if (isTelling) {
      const isHeld = verdict.buffering !== 'streams'
      hops.addDownstream(call?.target ?? 'probes', {
        isHeld,
        because: `a client says: ${verdict.because}`,
        advice: ['look at the proxies before the gateway: in nginx, set proxy_buffering off'],
      })
    }
    return Response.json({
      gateway: 'agent-stream',
      upstream: call?.upstream ?? null,
      target: call?.target ?? null,
    })
  }

  return {
    async answer(request, id) {
      if (request.method === 'POST' && id !== '') return exchange(request, id)
      if (request.method === 'GET' && id === '') return stream(request)
      return new Response('GET /health/probe, or POST /health/probe/<id>', { status: 405 })
    },
    add(report) {
      if (report.probe === undefined) return
      calls.set(report.probe, report)
      waiting.get(report.probe)?.()
      const [oldest] = calls.keys()
      if (oldest !== undefined && calls.size > REMEMBERED) calls.delete(oldest)
    },
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id)
  const [oldest] = ids
  if (oldest !== undefined && ids.size > REMEMBERED) ids.delete(oldest)
}

/** Not more than a verdict needs, whatever is sent. */
async function beginningOf({ body }: Request): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_SAID_CHARS) break
  }
  return text
}

function verdictOf(text: string): BufferingVerdict | undefined {
  try {
    const { buffering, because } = JSON.parse(text) as Record<string, unknown>
    if (typeof because !== 'string' || !VERDICTS.has(String(buffering))) return undefined
    return {
      buffering: buffering as BufferingVerdict['buffering'],
      because: printable(because).slice(0, 300),
    }
  } catch {
    return undefined
  }
}

const VERDICTS: ReadonlySet<string> = new Set(['streams', 'buffered', 'blocks', 'unclear'])

/** It is shown to others. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, ' ')
}

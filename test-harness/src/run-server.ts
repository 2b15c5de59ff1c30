import { decodePayload, type RecordedSession } from '@agent-stream/protocol'

/** What a client asks of a run that is kept. `after`: the last event that it has, 0 for none. */
type RunRequest =
  | { readonly verb: 'start' }
  | { readonly verb: 'events'; readonly after: number }
  | { readonly verb: 'cancel' | 'input' }

/** The id of the run that the session's numbers belong to; `undefined` where it has none. */
export function runIdOf({ events }: RecordedSession): string | undefined {
  for (const { event, data, seq } of events) {
    const decoded = decodePayload(event, data)
    if (decoded.type === 'run_started') return seq === undefined ? undefined : decoded.runId
  }
  return undefined
}

export function runRequest(url: Parameters<typeof fetch>[0], init: RequestInit | undefined): RunRequest {
  const request = url instanceof Request ? url : undefined
  const method = init?.method ?? request?.method ?? 'GET'
  if (method === 'GET') {
    const lastEventId = new Headers(init?.headers ?? request?.headers).get('last-event-id')
    return { verb: 'events', after: Number(lastEventId) || 0 }
  }
  const verb = /\/runs\/[^/]+\/(cancel|input)$/.exec(request?.url ?? String(url))?.[1]
  return { verb: (verb as 'cancel' | 'input' | undefined) ?? 'start' }
}

/** A wish is taken note of; what becomes of it is in the recording. */
export function runCallAnswer(
  verb: 'cancel' | 'input',
  runId: string,
  init: RequestInit | undefined,
): Response {
  if (verb === 'cancel') return Response.json({ run_id: runId, status: 'cancelling' }, { status: 202 })
  return new Response(init?.body ?? '{}', { headers: { 'content-type': 'application/json' } })
}

import {
  createFold,
  createSseReader,
  decodeEvent,
  type RunState,
  type SseMessage,
} from '@agent-stream/protocol'

import {
  type Agent,
  type AgentContext,
  allowAll,
  createRunServer,
  memoryLog,
  type RunRecord,
  type RunServer,
  type RunServerOptions,
} from '../../src/index.ts'

/** A run server for one test; what it reports as an error is kept. */
export function openServer(options: Partial<RunServerOptions> & { agent: Agent }) {
  const errors: unknown[] = []
  const server = createRunServer({
    log: memoryLog(),
    authorize: allowAll,
    onError: (error) => errors.push(error),
    ...options,
  })
  return { server, errors, call: caller(server) }
}

/** Requests to a server, by path. */
export function caller(server: Pick<RunServer, 'fetch'>) {
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    server.fetch(
      new Request(`http://test.example${path}`, {
        method,
        headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
  return {
    send,
    start: (body: unknown = {}, headers?: Record<string, string>) => send('POST', '/runs', body, headers),
    events: (runId: string, after?: number) =>
      send(
        'GET',
        `/runs/${runId}/events`,
        undefined,
        after === undefined ? {} : { 'Last-Event-ID': String(after) },
      ),
    run: async (runId: string) => (await send('GET', `/runs/${runId}`)).json() as Promise<RunAnswer>,
  }
}

interface RunAnswer {
  readonly status: string
  readonly outcome?: string
  readonly last_seq: number
  readonly state: RunState
}

export function runIdOf(response: Response): string {
  return /\/runs\/([0-9a-f]{32})\/events$/.exec(response.headers.get('content-location') ?? '')?.[1] ?? 'none'
}

/** A run that some other process has started. */
export function record(): RunRecord {
  return {
    runId: 'b'.repeat(32),
    owner: 'everyone',
    startedAt: new Date().toISOString(),
    input: '{}',
    bodyHash: '',
  }
}

/** A stream read on until `isEnough`, or to its end. What came stays available. */
export function createReader(response: Response) {
  const fold = createFold()
  const messages: SseMessage[] = []
  const comments: string[] = []
  const sse = createSseReader({
    onMessage(message) {
      messages.push(message)
      const event = decodeEvent(message)
      if (event.type === 'warning') fold.warn(event)
      else fold.apply(event, message.id === undefined ? undefined : Number(message.id))
    },
    onComment: (comment) => comments.push(comment),
  })
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  return {
    messages,
    comments,
    get state() {
      return fold.snapshot()
    },
    async until(isEnough: () => boolean) {
      while (!isEnough()) {
        const { done, value } = await reader.read()
        if (done) throw new Error(`The stream ended after ${messages.map(({ event }) => event).join(' ')}`)
        sse.feed(value)
      }
    },
    async toEnd() {
      for (let next = await reader.read(); !next.done; next = await reader.read()) sse.feed(next.value)
      return messages.map(({ event }) => event)
    },
    cancel: () => reader.cancel(),
  }
}

/** A promise and what settles it. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** Says something, and calls a tool. */
export async function* hello() {
  yield { type: 'token', text: 'Hello' } as const
  yield { type: 'tool_use', toolName: 'search', toolUseId: 't1', input: { q: 'cats' } } as const
  yield { type: 'tool_result', toolName: 'search', toolUseId: 't1', output: [1] } as const
  yield { type: 'token', text: ' cats 🐈' } as const
}

/** Waits until it is aborted. */
export async function* endless({ signal }: AgentContext) {
  yield { type: 'token', text: 'x' } as const
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

import { createSseReader } from '@agent-stream/protocol'

export interface SeenEvent {
  readonly seq: number
  readonly event: string
  readonly data: string
}

/** What a reader saw of a run, over all its connections. */
export interface Seen {
  readonly events: readonly SeenEvent[]
  readonly reconnects: number
}

export interface EventReader {
  readonly seen: Seen
  /** Resolves after `done`, rejects when the signal is aborted. */
  readonly finished: Promise<Seen>
}

/** Reads a run as an `EventSource` would: whatever breaks, it asks again with the last id that it has. */
export function readEvents(url: string, signal: AbortSignal): EventReader {
  const events: SeenEvent[] = []
  const seen = { events, reconnects: 0 }
  let isDone = false

  async function connect(): Promise<void> {
    const last = events.at(-1)?.seq
    const headers = last === undefined ? {} : { 'Last-Event-ID': String(last) }
    const response = await fetch(url, { signal, headers })
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
    const sse = createSseReader({
      onMessage({ event = '', id, data }) {
        events.push({ seq: Number(id), event, data })
        isDone ||= event === 'done'
      },
    })
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) sse.feed(chunk)
  }

  async function read(): Promise<Seen> {
    while (!isDone) {
      signal.throwIfAborted()
      try {
        await connect()
      } catch {
        // The server is down, or was killed: it will be back.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      if (!isDone) seen.reconnects++
    }
    return seen
  }

  const finished = read()
  // A test that is over waits for it no more.
  finished.catch(() => undefined)
  return { seen, finished }
}

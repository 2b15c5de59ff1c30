/** Streams to measure: what happens in a run, its bytes in a dialect, and the network chunks they come in. */

const encoder = new TextEncoder()
const WORDS = ['The ', 'quick ', 'brown ', 'fox ', 'jumps ', 'over ', 'the ', 'lazy ', 'dog. ', 'Then ']
const ROWS = Array.from({ length: 30 }, (_, i) => ({
  id: i,
  title: `Result number ${i}`,
  text: 'x'.repeat(50),
}))

export type RunEvent =
  | { readonly kind: 'token'; readonly text: string }
  | { readonly kind: 'tool'; readonly id: string; readonly name: string }
  | { readonly kind: 'input'; readonly id: string; readonly delta: string }
  | { readonly kind: 'result'; readonly id: string; readonly name: string; readonly output: unknown }

export interface Stream {
  readonly name: string
  /** What the run holds, whatever frames the dialect needs for it. */
  readonly events: number
  readonly chunks: readonly Uint8Array[]
  /** A response with a body of these chunks. */
  response(): Response
}

/** `count` tokens; every tenth holds an escape. */
export function tokens(count: number): RunEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'token',
    text: i % 10 === 9 ? 'a\n"b" ' : (WORDS[i % 10] as string),
  }))
}

/** `count` tool calls with a 3 KB result each, and 20 tokens between. */
export function tools(count: number): RunEvent[] {
  return Array.from({ length: count }, (_, i): RunEvent[] => {
    const call = { id: `call_${i}`, name: `search_${i % 7}` }
    return [{ kind: 'tool', ...call }, ...tokens(20), { kind: 'result', ...call, output: { rows: ROWS } }]
  }).flat()
}

/** A tool call whose arguments are a file of `kilobytes`, in pieces of 20 characters, as a model writes them. */
export function toolInput(kilobytes: number): RunEvent[] {
  const line = 'const answer = format("%s\\n", 42) // as before\n'
  const content = line.repeat((kilobytes * 1024) / line.length)
  const pieces = JSON.stringify({ path: 'src/answer.ts', content }).match(/.{1,20}/gs) ?? []
  const call = { id: 'call_1', name: 'write_file' }
  return [
    { kind: 'tool', ...call },
    ...pieces.map((delta): RunEvent => ({ kind: 'input', id: call.id, delta })),
  ]
}

/** The run in the agent-stream dialect. */
export function agentStream(name: string, events: readonly RunEvent[], perChunk: number): Stream {
  const sse = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
  const frames = events.map((event) => {
    if (event.kind === 'token') return sse('token', { text: event.text })
    if (event.kind === 'input') return sse('tool_input_delta', { tool_use_id: event.id, delta: event.delta })
    const call = { tool_name: event.name, tool_use_id: event.id }
    return event.kind === 'tool'
      ? sse('tool_use', { ...call, input_summary: 'a query', status: 'running' })
      : sse('tool_result', {
          ...call,
          output_summary: '30 rows',
          duration_ms: 12,
          status: 'done',
          output: event.output,
        })
  })
  return streamOf(name, [...frames, sse('done', {})], perChunk, events.length)
}

export function streamOf(name: string, frames: readonly string[], perChunk: number, events: number): Stream {
  const chunks: Uint8Array[] = []
  for (let i = 0; i < frames.length; i += perChunk) {
    chunks.push(encoder.encode(frames.slice(i, i + perChunk).join('')))
  }
  return { name, events, chunks, response: () => responseOf(chunks) }
}

function responseOf(chunks: readonly Uint8Array[]): Response {
  let next = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[next++]
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

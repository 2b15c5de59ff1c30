/** Streams to measure: the bytes of a run in the agent-stream dialect, cut into network chunks. */

const encoder = new TextEncoder()
const WORDS = ['The ', 'quick ', 'brown ', 'fox ', 'jumps ', 'over ', 'the ', 'lazy ', 'dog. ', 'Then ']

export interface Stream {
  readonly name: string
  readonly events: number
  readonly chunks: readonly Uint8Array[]
}

function sse(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

function chunked(name: string, events: readonly string[], perChunk: number): Stream {
  const chunks: Uint8Array[] = []
  for (let i = 0; i < events.length; i += perChunk) {
    chunks.push(encoder.encode(events.slice(i, i + perChunk).join('')))
  }
  return { name, events: events.length, chunks }
}

/** An answer of `count` tokens; every tenth holds an escape. */
export function tokenStream(count: number, perChunk: number): Stream {
  const events = Array.from({ length: count }, (_, i) =>
    sse('token', { text: i % 10 === 9 ? 'a\n"b" ' : WORDS[i % 10] }),
  )
  return chunked(
    `${count.toLocaleString('en')} tokens, ${perChunk} a chunk`,
    [...events, sse('done', {})],
    perChunk,
  )
}

/** `count` tool calls with a 3 KB result each, and 20 tokens between. */
export function toolStream(count: number, perChunk: number): Stream {
  const output = {
    rows: Array.from({ length: 30 }, (_, i) => ({
      id: i,
      title: `Result number ${i}`,
      text: 'x'.repeat(50),
    })),
  }
  const events = Array.from({ length: count }, (_, i) => {
    const id = { tool_name: `search_${i % 7}`, tool_use_id: `call_${i}` }
    const between = Array.from({ length: 20 }, (_, j) => sse('token', { text: WORDS[j % 10] }))
    return [
      sse('tool_use', { ...id, input_summary: 'a query', status: 'running' }),
      ...between,
      sse('tool_result', { ...id, output_summary: '30 rows', duration_ms: 12, status: 'done', output }),
    ]
  }).flat()
  return chunked(
    `${count.toLocaleString('en')} tools of 3 KB, ${perChunk} a chunk`,
    [...events, sse('done', {})],
    perChunk,
  )
}

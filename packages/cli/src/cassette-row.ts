import { bodyBytes, type Cassette, refName, requestFacts } from '@agent-stream/cassette'

/** What a list shows of a cassette, and `--json` gives. */
export interface CassetteRow {
  readonly name: string
  readonly provider: string
  readonly model: string | null
  readonly is_stream: boolean
  readonly status: number | null
  /** `complete`, `truncated`, `aborted` or `error`. */
  readonly end: string
  readonly chunks: number
  readonly bytes: number
  readonly first_chunk_ms: number | null
  readonly duration_ms: number
  readonly recorded_at: string
  readonly category: string | null
}

export async function cassetteRow(cassette: Cassette): Promise<CassetteRow> {
  const { exchange, metadata } = cassette
  const { provider, model, isStreamed } = await requestFacts(exchange.request)
  return {
    name: refName(cassette),
    provider,
    model: model ?? null,
    is_stream: isStreamed,
    status: exchange.response?.status ?? null,
    end: exchange.end.type,
    chunks: exchange.chunks.length,
    bytes: bodyBytes(exchange).length,
    first_chunk_ms: exchange.chunks[0]?.atMs ?? null,
    duration_ms: exchange.end.atMs,
    recorded_at: exchange.startedAt,
    category: typeof metadata.category === 'string' ? metadata.category : null,
  }
}

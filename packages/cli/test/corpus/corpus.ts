import { endLine, eventLine, headerLine } from '@agent-stream/protocol'

export interface CorpusOptions {
  readonly sessions: number
  /** Tokens in a session, on average. */
  readonly tokens: number
  readonly seed: number
}

const TOOLS = ['search', 'fetch_page', 'run_query', 'send_mail']
const WORDS = [
  'the',
  ' agent',
  ' has',
  ' found',
  ' three',
  ' results',
  ' and',
  ' will',
  ' now',
  ' compare',
  ' them',
  '.\n',
]

/** The lines of a recording of made-up sessions, a piece per session: the same for the same seed. */
export function* corpusOf({ sessions, tokens, seed }: CorpusOptions): Generator<string> {
  const random = mulberry32(seed)
  for (let place = 0; place < sessions; place++) yield sessionOf(place, tokens, random)
}

function sessionOf(place: number, tokens: number, random: () => number): string {
  const sid = `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`
  const startedAt = new Date(Date.UTC(2026, 0, 1) + place * 1000).toISOString()
  const lines = [headerLine({ session: sid, startedAt, metadata: { model: place % 3 ? 'x-1' : 'x-2' } })]
  let t = 0
  let seq = 0
  const add = (event: string, data: unknown, afterSeconds: number) => {
    t += afterSeconds
    lines.push(eventLine({ t, event, data, sid, seq: ++seq }))
  }

  add('run_started', { run_id: sid, started_at: startedAt, protocol: '1', heartbeat_ms: 15_000 }, 0)
  const isFirstSlow = random() < 0.02
  t += 0.2 + random() * 0.6 + (isFirstSlow ? 4 : 0)
  const count = Math.ceil(tokens * (0.5 + random()))
  for (let token = 0; token < count; token++)
    add('token', { text: WORDS[token % WORDS.length] }, 0.01 + random() * 0.03)
  const name = TOOLS[Math.floor(random() * TOOLS.length)] as string
  add('tool_use', { tool_name: name, tool_use_id: 't1', input_summary: 'cats', status: 'running' }, 0.01)
  const isHung = random() < 0.01
  if (!isHung) {
    const status = random() < 0.03 ? 'error' : 'done'
    add(
      'tool_result',
      { tool_name: name, tool_use_id: 't1', output_summary: '3 hits', status },
      0.1 + random() * 2,
    )
  }
  const isFailed = random() < 0.05
  if (isFailed) add('error', { error_type: 'rate_limit', message: 'Slow down' }, 0.01)
  const isCut = random() < 0.02
  if (!isCut) add('done', { num_turns: 1, tool_count: 1, model: 'x-1', is_error: isFailed }, 0.01)
  lines.push(endLine(t, sid, isCut ? 'error' : 'complete'))
  return `${lines.join('\n')}\n`
}

/** Random numbers in [0, 1) that are the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

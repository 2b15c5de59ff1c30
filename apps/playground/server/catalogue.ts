import { readFileSync } from 'node:fs'
import { type AgentEvent, decodePayload, parseRecording } from '@agent-stream/protocol'

/** A session that can be played. */
export interface Recording {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly events: readonly TimedEvent[]
  readonly toolCount: number
  /** At speed 1. */
  readonly durationMs: number
}

export interface TimedEvent {
  /** Since the start of the session, at speed 1. */
  readonly atMs: number
  readonly event: AgentEvent
}

interface Entry {
  readonly id: string
  readonly file: string
  /** Which session of the file. Default: the first. */
  readonly session?: number
  readonly title: string
  readonly about: string
  /** What the recorded time is multiplied by, to be watchable. Default 1. */
  readonly stretch?: number
}

const ENTRIES: readonly Entry[] = [
  {
    id: 'repository-question',
    file: 'repository-question',
    title: 'Ask about a repository',
    about: 'Thinking, one MCP tool, an answer.',
  },
  {
    id: 'code-execution',
    file: 'code-execution',
    title: 'Write a script and run it',
    about: 'Three tools with streamed arguments, text between them.',
  },
  {
    id: 'parallel-tools',
    file: 'parallel-tools',
    title: 'Two tools at once',
    about: 'Parallel calls in the first turn, the answer in the second.',
    stretch: 80,
  },
  {
    id: 'web-searches',
    file: 'web-searches',
    title: 'Eleven web searches',
    about: 'The last one never gets a result: the run ends incomplete.',
  },
  {
    id: 'sub-agent',
    file: 'sub-agent',
    title: 'An agent that calls an agent',
    about: 'A tool inside a tool.',
  },
  {
    id: 'list-files',
    file: 'list-files',
    title: 'List the files here',
    about: 'A coding agent, one shell command, a long answer.',
  },
  {
    id: 'crossing',
    file: 'parallel-tools',
    session: 1,
    title: 'How to cross a street',
    about: 'Thinking and text only.',
    stretch: 30,
  },
  {
    id: 'deepseek-reasoner',
    file: 'deepseek-reasoner',
    title: 'Think for a very long time',
    about: '4,697 fragments of thinking, then a short answer.',
    stretch: 6,
  },
]

/** Reads all recordings; throws when one of them cannot be played whole. */
export function loadCatalogue(): ReadonlyMap<string, Recording> {
  return new Map(ENTRIES.map((entry) => [entry.id, load(entry)]))
}

function load({ id, file, session = 0, title, about, stretch = 1 }: Entry): Recording {
  const url = new URL(`../recordings/${file}.jsonl`, import.meta.url)
  const { sessions, problems } = parseRecording(readFileSync(url, 'utf8'))
  const recorded = sessions[session]
  if (!recorded || problems.length > 0)
    throw new Error(`recording ${file}.jsonl, session ${session}: ${problems[0]?.message ?? 'is not there'}`)
  const events = recorded.events.map(({ t, event, data }): TimedEvent => {
    const decoded = decodePayload(event, data)
    if (decoded.type === 'warning') throw new Error(`recording ${file}.jsonl: ${decoded.message}`)
    return { atMs: t * 1000 * stretch, event: decoded }
  })
  const toolCount = events.filter(({ event }) => event.type === 'tool_use').length
  return { id, title, about, events, toolCount, durationMs: Math.round(events.at(-1)?.atMs ?? 0) }
}

/** What a page is told of a recording. */
export function listed({ id, title, about, events, toolCount, durationMs }: Recording) {
  return { id, title, about, event_count: events.length, tool_count: toolCount, duration_ms: durationMs }
}

import type { Scrubber } from './scrub.ts'
import type { TextScrubber } from './scrub-text.ts'
import { isRecord } from './shape.ts'

/** The events of one session, in their order. */
export interface EventScrubber<T> {
  /** Takes the next event, by its name and payload on the wire. */
  push(event: string, data: unknown, item: T): void
  /** Gives out what is held back. */
  end(): void
}

type Payload = Readonly<Record<string, unknown>>

interface Held<T> {
  readonly item: T
  data: unknown
  isDecided: boolean
}

/** A text that grows over several events. */
interface Lane {
  readonly key: string
  /** Where its next fragment stands in the payload. */
  readonly path: readonly (string | number)[]
}

/** More events than this are not held back for the sake of one text. */
const MAX_HELD_EVENTS = 1024
const MAX_LANES = 256

/** Where the texts of other dialects grow: OpenAI's completions and responses, Anthropic's messages, Gemini. */
const FOREIGN_TEXTS: readonly (readonly (string | number)[])[] = [
  ['choices', 0, 'delta', 'content'],
  ['choices', 0, 'delta', 'reasoning_content'],
  ['choices', 0, 'delta', 'reasoning'],
  ['choices', 0, 'delta', 'refusal'],
  ['choices', 0, 'delta', 'tool_calls', 0, 'function', 'arguments'],
  ['choices', 0, 'text'],
  ['candidates', 0, 'content', 'parts', 0, 'text'],
  ['delta', 'text'],
  ['delta', 'thinking'],
  ['delta', 'partial_json'],
  ['delta'],
]

const INDEX_PATHS: readonly (readonly (string | number)[])[] = [
  ['choices', 0, 'index'],
  ['choices', 0, 'delta', 'tool_calls', 0, 'index'],
  ['candidates', 0, 'index'],
]

/**
 * Scrubs the events of a session: each payload by itself, and texts that grow over several events as one, so that a
 * secret is found in whatever pieces it comes. Events keep their order and their number; the ones behind a text that
 * may be the beginning of a secret wait with it. Once something was redacted, `done` says so.
 */
export function createEventScrubber<T>(
  scrubber: Scrubber,
  onEvent: (data: unknown, item: T) => void,
): EventScrubber<T> {
  const lanes = new Map<string, TextScrubber>()
  let queue: Held<T>[] = []
  let isRedacted = false

  function streamOf({ key }: Lane): TextScrubber {
    const known = lanes.get(key)
    if (known) return known
    if (lanes.size >= MAX_LANES) endLanes()
    const stream = scrubber.stream(key.startsWith('arguments') ? 'arguments' : 'text')
    lanes.set(key, stream)
    return stream
  }

  function scrubAlone(data: unknown): unknown {
    const scrubbed = scrubber.json(data)
    isRedacted ||= scrubbed !== data
    return scrubbed
  }

  function pushText(lane: Lane, data: Payload, text: string, held: Held<T>): void {
    // The text is for its lane to look at; keys and paths may redact it all the same.
    const around = withValueAt(data, lane.path, '')
    const scrubbedAround = scrubber.json(around)
    isRedacted ||= scrubbedAround !== around
    const isTaken = valueAt(scrubbedAround, lane.path) !== ''
    streamOf(lane).push(text, (scrubbed) => {
      if (isTaken) held.data = scrubbedAround
      else if (scrubbedAround !== around || scrubbed !== text)
        held.data = withValueAt(scrubbedAround as Payload, lane.path, scrubbed)
      isRedacted ||= scrubbed !== text
      held.isDecided = true
    })
  }

  function endLanes(): void {
    for (const stream of lanes.values()) stream.end()
    lanes.clear()
  }

  function release(): void {
    const waiting = queue.findIndex(({ isDecided }) => !isDecided)
    const released = waiting < 0 ? queue : queue.slice(0, waiting)
    queue = waiting < 0 ? [] : queue.slice(waiting)
    for (const { data, item } of released) onEvent(data, item)
  }

  return {
    push(event, data, item) {
      const lane = laneOf(event, data)
      const text = lane && valueAt(data, lane.path)
      const held: Held<T> = { item, data, isDecided: false }
      if (lane && typeof text === 'string') {
        pushText(lane, data as Payload, text, held)
      } else {
        const isDone = event === 'done' || event === 'run.completed'
        if (isDone) endLanes()
        held.data = scrubAlone(data)
        held.isDecided = true
        if (isDone && isRedacted && isRecord(held.data)) held.data = { ...held.data, redacted: true }
      }
      if (held.isDecided && queue.length === 0) {
        onEvent(held.data, item)
        return
      }
      queue.push(held)
      if (queue.length > MAX_HELD_EVENTS) endLanes()
      if (held === queue[0] || queue[0]?.isDecided) release()
    },
    end() {
      endLanes()
      release()
    },
  }
}

function laneOf(event: string, data: unknown): Lane | undefined {
  if (!isRecord(data)) return undefined
  const field = (snake: string, camel: string) => String(data[snake] ?? data[camel] ?? '')
  const kinds: Readonly<Record<string, string>> = {
    'text.delta': 'token',
    token: 'token',
    thinking: 'thinking',
  }
  const kind = Object.hasOwn(kinds, event) ? kinds[event] : undefined
  const branch = () => [field('branch_id', 'branchId'), field('parent_tool_use_id', 'parentToolUseId')]
  if (kind) {
    const key = [kind, ...branch(), field('block_id', 'blockId')].join('\0')
    return { key, path: typeof data.text === 'string' ? ['text'] : ['delta'] }
  }
  if (/^tool[_.]input_delta$/.test(event)) {
    const key = ['arguments', ...branch(), field('tool_use_id', 'toolUseId')].join('\0')
    return { key, path: ['delta'] }
  }
  const path = FOREIGN_TEXTS.find((candidate) => typeof valueAt(data, candidate) === 'string')
  if (!path) return undefined
  const last = path.at(-1)
  const kindOfJson = last === 'arguments' || last === 'partial_json' || /arguments/.test(event)
  const index = String(data.index ?? data.item_id ?? '')
  // A choice and a tool call say themselves which one they are: both are the first of a list of one.
  const places = INDEX_PATHS.map((place) => String(valueAt(data, place) ?? ''))
  return { key: [kindOfJson ? 'arguments' : event, index, ...places, ...path].join('\0'), path }
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let inside = value
  for (const key of path) {
    if (typeof inside !== 'object' || inside === null) return undefined
    inside = (inside as Readonly<Record<string | number, unknown>>)[key]
  }
  return inside
}

/** A copy with another value at `path`, where there is one. */
function withValueAt(value: unknown, [key, ...rest]: readonly (string | number)[], inner: unknown): unknown {
  if (key === undefined) return inner
  if (Array.isArray(value)) {
    return value.map((item, i) => (i === key ? withValueAt(item, rest, inner) : item))
  }
  if (!isRecord(value)) return value
  return { ...value, [key]: withValueAt(value[key], rest, inner) }
}

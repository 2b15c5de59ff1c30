import {
  type Framing,
  type HostileDialect,
  type HostileResponse,
  type HostileStep,
  MESSAGES,
  type MessageTemplate,
  STORIES,
} from './case.ts'

/** What happens next in a body: bytes, or a wait. */
export type BodyPart = Uint8Array | { readonly waitMs: number }

/** What is repeated comes in chunks of about this size. */
const REPEATED_CHUNK_BYTES = 16_384

/** The body's parts in the dialect, made as they are asked for: some have no end. */
export function bodyParts(response: HostileResponse, dialect: HostileDialect): Generator<BodyPart> {
  const write = createMessageWriter(response.framing ?? {})
  return partsOf(response.steps ?? [], dialect, write)
}

type WriteMessage = (event: string | undefined, data: unknown, id: string | undefined) => string

function* partsOf(
  steps: readonly HostileStep[],
  dialect: HostileDialect,
  write: WriteMessage,
): Generator<BodyPart> {
  for (const step of steps) {
    if ('waitMs' in step) yield { waitMs: step.waitMs }
    else if ('story' in step) yield* partsOf(named(STORIES, step.story, 'story'), dialect, write)
    else if ('repeat' in step) yield* repeated(step, dialect, write)
    else yield bytesOf(step, dialect, write)
  }
}

function* repeated(
  { repeat, everyMs, steps }: Extract<HostileStep, { readonly repeat: unknown }>,
  dialect: HostileDialect,
  write: WriteMessage,
): Generator<BodyPart> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for (let n = 0; repeat === 'forever' || n < repeat; n++) {
    if (everyMs) yield { waitMs: everyMs }
    for (const part of partsOf(steps, dialect, write)) {
      if ('waitMs' in part || everyMs) yield part
      else heldBytes += held.push(part) && part.length
      if (heldBytes < REPEATED_CHUNK_BYTES) continue
      yield Buffer.concat(held)
      held = []
      heldBytes = 0
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held)
}

type BytesStep = Exclude<
  HostileStep,
  { readonly waitMs: unknown } | { readonly story: unknown } | { readonly repeat: unknown }
>

const encoder = new TextEncoder()

function bytesOf(step: BytesStep, dialect: HostileDialect, write: WriteMessage): Uint8Array {
  if ('fill' in step) return new Uint8Array(step.fill).fill(0x78)
  if ('base64' in step) return Buffer.from(step.base64, 'base64')
  if ('raw' in step) return encoder.encode(step.raw)
  if (!('message' in step)) return encoder.encode(write(undefined, step.data, undefined))
  const template = named<MessageTemplate>(MESSAGES[dialect], step.message, `message of ${dialect}`)
  // One with an id of its own belongs to a tool, whose id it then is.
  const id = step.message.startsWith('tool-') ? undefined : step.id
  return encoder.encode(
    template.map(({ event, data }) => write(event, filledIn(data, { ...step }), id)).join(''),
  )
}

/** The template with its `$` words replaced: a whole text by any value, a word within a text by a text. */
function filledIn(template: unknown, given: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(template)) return template.map((item) => filledIn(item, given))
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, filledIn(value, given)]))
  }
  if (typeof template !== 'string') return template
  if (/^\$\w+$/.test(template)) return given[template.slice(1)]
  return template.replace(/\$(\w+)/g, (_, name) => String(given[name]))
}

/** Lines end by turns, over all messages of the response. */
function createMessageWriter({
  lineEnds = ['\n'],
  colon = ': ',
  isMultiLine,
  comment,
}: Framing): WriteMessage {
  let lines = 0
  return (event, data, id) => {
    const text = typeof data === 'string' ? data : JSON.stringify(data, null, isMultiLine ? 1 : undefined)
    const fields = [
      ...(id === undefined ? [] : [`id${colon}${id}`]),
      ...(event === undefined ? [] : [`event${colon}${event}`]),
      ...text.split('\n').map((line) => `data${colon}${line}`),
    ]
    const all = comment === undefined ? fields : fields.flatMap((field) => [field, `: ${comment}`])
    return [...all, ''].map((line) => line + lineEnds[lines++ % lineEnds.length]).join('')
  }
}

function named<T>(table: Readonly<Record<string, T>>, name: string, kind: string): T {
  const found = table[name]
  if (!found) throw new TypeError(`"${name}" is no ${kind}: spec/hostile/dialects.json has them`)
  return found
}

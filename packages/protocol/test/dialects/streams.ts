import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../../../spec/dialects/streams/', import.meta.url)

/** One message of a stream as it stands on the wire, and its data if that is JSON. */
export interface RawMessage {
  readonly event?: string
  readonly data: string
  /** `undefined` where the data is no JSON. */
  readonly payload: unknown
}

/** The recorded streams of a dialect, by file name (`spec/dialects/NOTICE.md`). */
export function streamsOf(dialect: string): readonly (readonly [file: string, bytes: Uint8Array])[] {
  const folder = new URL(`${dialect}/`, FOLDER)
  return readdirSync(folder)
    .sort()
    .map((file) => [file, new Uint8Array(readFileSync(new URL(file, folder)))])
}

/** A whole body's messages. Reads lines by hand, so that what it finds does not depend on the code it tests. */
export function rawMessages(bytes: Uint8Array): readonly RawMessage[] {
  const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n')
  return text.split('\n\n').flatMap((block) => {
    const lines = block.split('\n')
    const fieldOf = (name: string) =>
      lines.flatMap((line) =>
        line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, '')] : [],
      )
    const data = fieldOf('data').join('\n')
    const [event] = fieldOf('event')
    return data === '' ? [] : [{ ...(event !== undefined && { event }), data, payload: jsonOf(data) }]
  })
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}

/** Messages as a server would send them. */
export function sseOf(messages: readonly Pick<RawMessage, 'event' | 'data'>[]): string {
  return messages
    .map(({ event, data }) => `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`)
    .join('')
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const STREAMS = join(import.meta.dirname, '../../../../spec/dialects/streams')

/** The recorded streams of one dialect, by name. */
export function streamsOf(dialect: string): readonly (readonly [name: string, bytes: Buffer])[] {
  const folder = join(STREAMS, dialect)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sse'))
    .map((name) => [name, readFileSync(join(folder, name))] as const)
}

export function streamNamed(dialect: string, name: string): Buffer {
  return readFileSync(join(STREAMS, dialect, `${name}.sse`))
}

/** The messages of a stream, each with its blank line. */
export function messagesOf(stream: Buffer): readonly string[] {
  return stream.toString('utf8').match(/[\s\S]*?(?:\r\n\r\n|\n\n|\r\r)|[\s\S]+$/g) ?? []
}

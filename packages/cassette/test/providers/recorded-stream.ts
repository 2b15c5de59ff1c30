import { readdirSync, readFileSync } from 'node:fs'

import type { ProviderName } from '../../src/providers/provider.ts'

const STREAMS = new URL('../../../../spec/dialects/streams/', import.meta.url)

/** The folders of real streams, and the providers that read them. */
export const STREAM_FOLDERS: Readonly<Record<string, ProviderName>> = {
  'openai-chat': 'openai',
  'openai-responses': 'openai-responses',
  'anthropic-messages': 'anthropic',
}

export function recordedStreams(folder: string): readonly string[] {
  return readdirSync(new URL(`${folder}/`, STREAMS)).filter((name) => name.endsWith('.sse'))
}

export function recordedStream(folder: string, name: string): Uint8Array {
  return readFileSync(new URL(`${folder}/${name}`, STREAMS))
}

/** The JSON objects that the stream's messages carry: an own, plain reading of lines. */
export function payloadsOf(stream: Uint8Array): readonly Record<string, unknown>[] {
  return new TextDecoder()
    .decode(stream)
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && line.includes('{'))
    .map((line) => JSON.parse(line.slice(5)))
}

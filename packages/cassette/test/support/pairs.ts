import { readdirSync, readFileSync } from 'node:fs'

/** A request and its answer, as `test/pairs` has them. */
export interface Pair {
  readonly name: string
  readonly request: {
    readonly method: string
    readonly url: string
    readonly body: Readonly<Record<string, unknown>> | null
    readonly body_text?: string
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body_text?: string
    readonly body_sse?: string
  }
}

const folder = new URL('../pairs/', import.meta.url)

export function readPair(name: string): Pair {
  return { name, ...JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) }
}

export const pairNames: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))

export function answerText({ response }: Pair): string {
  return response.body_sse ?? response.body_text ?? ''
}

import dialects from '../../../spec/hostile/dialects.json' with { type: 'json' }
import endings from '../../../spec/hostile/endings.json' with { type: 'json' }
import framing from '../../../spec/hostile/framing.json' with { type: 'json' }
import http from '../../../spec/hostile/http.json' with { type: 'json' }
import ids from '../../../spec/hostile/ids.json' with { type: 'json' }
import messages from '../../../spec/hostile/messages.json' with { type: 'json' }
import size from '../../../spec/hostile/size.json' with { type: 'json' }

/** One of the wires that the cases are written in: a name in `spec/hostile/dialects.json`. */
export type HostileDialect =
  | 'agent-stream'
  | 'ai-sdk-ui'
  | 'ag-ui'
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'

/** A part of a response's body (`spec/hostile/README.md`). */
export type HostileStep =
  /** A message of the dialect; the further keys stand in for its `$` words. */
  | {
      readonly message: string
      readonly id?: string
      readonly name?: string
      readonly text?: unknown
      readonly delta?: string
      readonly output?: string
    }
  | { readonly story: string }
  /** One SSE message with this data, whatever the dialect. */
  | { readonly data: string }
  | { readonly raw: string }
  | { readonly base64: string }
  /** So many bytes `x`. */
  | { readonly fill: number }
  | { readonly waitMs: number }
  | { readonly repeat: number | 'forever'; readonly everyMs?: number; readonly steps: readonly HostileStep[] }

/** How the dialect's messages are written as lines. */
export interface Framing {
  /** In turn. Default LF. */
  readonly lineEnds?: readonly string[]
  /** Between a field's name and its value. Default a colon and a space. */
  readonly colon?: string
  /** The data's JSON over several lines. */
  readonly isMultiLine?: boolean
  /** A comment after each line of a message. */
  readonly comment?: string
}

export interface HostileResponse {
  /** Default 200. */
  readonly status?: number
  /** Default those of an event stream. */
  readonly headers?: Readonly<Record<string, string>>
  /** No answer at all: the connection ends as `end` says. */
  readonly isHeadless?: boolean
  readonly encoding?: 'gzip' | 'br'
  readonly framing?: Framing
  /** Bytes in a chunk. Default: a chunk for each step, and 16 KiB of what is repeated. */
  readonly chunkBytes?: number
  readonly steps?: readonly HostileStep[]
  /** Default `close`. */
  readonly end?: 'close' | 'reset' | 'hang'
}

/** How a client may show that a run ended. */
export type ShownOutcome = 'complete' | 'truncated' | 'failed' | 'stopped'

export interface ExpectedTool {
  readonly name?: string
  /** `open`: neither running any more nor answered. */
  readonly status: 'done' | 'error' | 'open'
  readonly output?: string
}

/** What a right client shows. What is absent is not looked at. */
export interface Expectation {
  readonly outcome: ShownOutcome | readonly ShownOutcome[]
  readonly text?: string
  readonly textStart?: string
  readonly textLength?: number
  readonly tools?: readonly ExpectedTool[]
  /** An error is shown. */
  readonly error?: boolean
  readonly isGapShown?: boolean
  /** HTTP requests until the run ended. */
  readonly requests?: number
  /** The shortest time between two requests. */
  readonly minGapMs?: number
  /** The server has seen the connection end. */
  readonly isClosed?: boolean
  /** From the first request to the end. Default 10,000. */
  readonly withinMs?: number
  /** What the process has grown by. */
  readonly maxMemoryMiB?: number
}

export interface HostileCase {
  readonly name: string
  readonly why: string
  /** Where it means anything. Default: in all that have its messages. */
  readonly dialects?: readonly HostileDialect[]
  /** The n-th answers the n-th request, the last also all further ones. */
  readonly responses: readonly HostileResponse[]
  /** The user stops the run so long after the first response began. */
  readonly stopAfterMs?: number
  /** Any of them is right. */
  readonly expect: readonly Expectation[]
  readonly byDialect?: Partial<Readonly<Record<HostileDialect, readonly Expectation[]>>>
}

export interface HostileGroup {
  readonly name: string
  readonly description: string
  readonly cases: readonly HostileCase[]
}

/** A message of a dialect: SSE messages whose `$` words stand for arguments. */
export type MessageTemplate = readonly { readonly event?: string; readonly data: unknown }[]

// TypeScript reads JSON's words as any text: `spec/schemas/hostile.schema.json` holds the files, by a test.
const files = { endings, framing, messages, ids, http, size } as unknown as Readonly<
  Record<string, Omit<HostileGroup, 'name'>>
>

/** All cases, by file. */
export const hostileGroups: readonly HostileGroup[] = Object.entries(files).map(([name, file]) => ({
  name,
  ...file,
}))

export const STORIES: Readonly<Record<string, readonly HostileStep[]>> = dialects.stories
export const MESSAGES: Readonly<Record<HostileDialect, Readonly<Record<string, MessageTemplate>>>> =
  dialects.dialects

/** Whether the case means anything in the dialect. */
export function appliesTo({ dialects: given, responses }: HostileCase, dialect: HostileDialect): boolean {
  if (given) return given.includes(dialect)
  return responses.every(({ steps = [] }) => areWritable(steps, dialect))
}

function areWritable(steps: readonly HostileStep[], dialect: HostileDialect): boolean {
  return steps.every((step) => {
    if ('message' in step) return MESSAGES[dialect][step.message] !== undefined
    return !('repeat' in step) || areWritable(step.steps, dialect)
  })
}

/** What a client of this dialect is to show, in any of these ways. */
export function expectationsOf(
  { expect, byDialect }: HostileCase,
  dialect: HostileDialect,
): readonly Expectation[] {
  return byDialect?.[dialect] ?? expect
}

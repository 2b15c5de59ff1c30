/** What the page can have go wrong, and in what words. */
export const FAULTS = [
  'none',
  'split-bytes',
  'drop',
  'drop-always',
  'close-without-done',
  'http-403',
  'result-before-use',
] as const

export type Fault = (typeof FAULTS)[number]

/** What the agent asks on its way. */
export const QUESTIONS = ['none', 'approval', 'choice'] as const

export type QuestionKind = (typeof QUESTIONS)[number]

export interface StreamRequest {
  readonly recording: string
  /** 1 is the recording's own pace, 10 is ten times as fast. */
  readonly speed: number
  readonly fault: Fault
  readonly ask: QuestionKind
}

const MAX_SPEED = 10_000

/** The request that a body makes, or what is wrong with it. */
export function readStreamRequest(body: unknown): StreamRequest | { readonly problem: string } {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return {
      problem: `The body must be a JSON object such as {"recording": "sub-agent"}, not ${kindOf(body)}.`,
    }
  const { recording, speed = 1, fault = 'none', ask = 'none' } = body as Readonly<Record<string, unknown>>
  if (typeof recording !== 'string' || recording === '')
    return { problem: `"recording" must be an id from GET /api/recordings, not ${shown(recording)}.` }
  if (typeof speed !== 'number' || !(speed > 0 && speed <= MAX_SPEED))
    return { problem: `"speed" must be a number above 0, at most ${MAX_SPEED}, not ${shown(speed)}.` }
  if (!isOneOf(FAULTS, fault))
    return { problem: `"fault" must be one of ${FAULTS.join(', ')}, not ${shown(fault)}.` }
  if (!isOneOf(QUESTIONS, ask))
    return { problem: `"ask" must be one of ${QUESTIONS.join(', ')}, not ${shown(ask)}.` }
  return { recording, speed, fault, ask }
}

function isOneOf<T>(words: readonly T[], value: unknown): value is T {
  return words.includes(value as T)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'something that is not JSON'
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value).slice(0, 60)
}

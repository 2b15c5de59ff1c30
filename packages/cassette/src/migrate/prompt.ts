import type { Conversation } from '../conversation/conversation.ts'
import { promptText } from '../conversation/prompt-text.ts'
import { UnsupportedRequestError } from '../conversation/unsupported-request-error.ts'
import { conversationOf, decodeExchange } from '../providers/decode-exchange.ts'
import { type DecodedResponse, DecodeError } from '../providers/decoded-response.ts'
import type { Cassette } from '../store/cassette-store.ts'
import { type CorpusPrompt, isAnswer } from './corpus.ts'

/** A prompt that can be asked again, and what was answered when it was recorded. */
export interface Prompt {
  readonly type: 'prompt'
  readonly semanticKey: string
  readonly category: string | null
  readonly baseline: Cassette
  readonly answer: DecodedResponse
  readonly conversation: Conversation
  /** The conversation as text. */
  readonly text: string
  /** What is asked: the last message of the user. */
  readonly preview: string
}

export type ReadPrompt = Prompt | { readonly type: 'unreadable'; readonly reason: string }

/** Reads a recording as a prompt; or says why it is none. */
export function readPrompt({ semanticKey, category }: CorpusPrompt, baseline: Cassette): ReadPrompt {
  const { exchange } = baseline
  const conversation = attempt(() => conversationOf(exchange.request))
  if (typeof conversation === 'string') return unreadable(`unsupported request: ${conversation}`)
  if (exchange.end.type !== 'complete') return unreadable(`its recording broke off (${exchange.end.type})`)
  if (!isAnswer(exchange)) return unreadable(`its recording has the status ${exchange.response?.status}`)
  const answer = decodeCassette(baseline)
  if (typeof answer === 'string') return unreadable(`its recording cannot be decoded: ${answer}`)
  const text = promptText(conversation)
  return {
    type: 'prompt',
    semanticKey,
    category,
    baseline,
    answer,
    conversation,
    text,
    preview: previewOf(conversation, text),
  }
}

/** A text: why there is no answer in it. */
export function decodeCassette({ exchange }: Cassette): DecodedResponse | string {
  return attempt(() => decodeExchange(exchange))
}

/** The message of an error that requests and responses of others may lead to. */
function attempt<T>(read: () => T): T | string {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnsupportedRequestError || error instanceof DecodeError) return error.message
    throw error
  }
}

function unreadable(reason: string): ReadPrompt {
  return { type: 'unreadable', reason }
}

/** Prompts of one application begin alike: with its system prompt. */
function previewOf({ messages }: Conversation, text: string): string {
  const asked = messages.findLast(({ role, content }) => role === 'user' && content.trim() !== '')
  return asked?.content ?? text
}

import { canonicalJson } from '../canonical-json.ts'
import { defined, isObject } from '../json-object.ts'
import { describeRequest } from '../providers/describe-request.ts'
import type { ModelRequest } from '../providers/provider.ts'
import { PROVIDERS } from '../providers/providers.ts'
import type { Conversation, Message } from './conversation.ts'
import { bodyDigest, bodyText, decodedPath, digest } from './request-digest.ts'
import { UnsupportedRequestError } from './unsupported-request-error.ts'

/** Of the keys of `semanticKey`. */
export const SEMANTIC_KEY_VERSION = 2

/**
 * What a request asks, as 32 hexadecimal digits: the same for each model, provider, server, sampling and delivery that
 * one conversation is asked with. Requests that hold no conversation that can be read are compared by method, path and
 * body. For text and tools on the hosts that agentrec knows it is that system's key (`semanticKeyV1`), but for numbers
 * like `1.0`, which is `1` here; it reads images, thoughts, Responses and any server besides.
 */
export function semanticKey(request: ModelRequest): string {
  const { wire, body } = describeRequest(request)
  const conversation = wire && conversationIn(() => PROVIDERS[wire].readConversation(body))
  if (conversation) return digest('conversation', canonicalJson(asked(conversation)))
  const path = URL.canParse(request.url) ? decodedPath(new URL(request.url)) : request.url
  const method = request.method.toUpperCase()
  if (isObject(body)) return bodyDigest(method, path, body)
  return digest(method, path, body === undefined ? bodyText(request.body) : canonicalJson(body))
}

function conversationIn(read: () => Conversation): Conversation | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnsupportedRequestError) return null
    throw error
  }
}

/** A conversation without what differs from provider to provider (ids, thoughts) and how it is to be answered. */
function asked({ system, messages, tools = [], toolChoice }: Conversation): unknown {
  return defined({
    system,
    messages: messages.map(askedMessage),
    tools: tools.length > 0 ? tools.map(({ isStrict: _, ...tool }) => tool) : undefined,
    tool_choice: toolChoice === 'auto' ? undefined : toolChoice,
  })
}

function askedMessage(message: Message): unknown {
  const { role, content } = message
  if (role === 'user') return defined({ role, content, parts: message.parts })
  if (role === 'tool' || !message.toolCalls?.length) return { role, content }
  return { role, content, tool_calls: message.toolCalls.map(({ id: _, ...call }) => call) }
}

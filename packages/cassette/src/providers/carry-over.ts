import { createHash } from 'node:crypto'
import type { Conversation } from '../conversation/conversation.ts'
import { joinParagraphs } from '../conversation/request-fields.ts'
import type { ProviderName } from './provider.ts'

const FAMILY: Readonly<Record<ProviderName, string>> = {
  openai: 'OpenAI',
  'openai-responses': 'OpenAI',
  anthropic: 'Anthropic',
  gemini: 'Gemini',
  mistral: 'Mistral',
}

/** The provider's name in a sentence. */
function familyOf(provider: ProviderName): string {
  return FAMILY[provider]
}

/** Whether a conversation comes from the provider that it is now to be asked of, or from nowhere. */
export function isOwn({ provider }: Conversation, target: ProviderName): boolean {
  return provider === undefined || familyOf(provider) === familyOf(target)
}

/** The temperature for the target: only its own, since the scales differ, and only where the model takes one. */
export function carriedTemperature(
  conversation: Conversation,
  target: ProviderName,
  isTaken: boolean,
): number | undefined {
  return isTaken && isOwn(conversation, target) ? conversation.temperature : undefined
}

/** What of a conversation is not in the request that was built from it, in sentences without a full stop. */
export function notesOn(
  conversation: Conversation,
  target: ProviderName,
  sent: { readonly temperature: number | undefined; readonly stop: boolean; readonly thinking: boolean },
): string[] {
  const { messages, temperature, stop, dropped = [] } = conversation
  const notes: string[] = []
  if (temperature !== undefined && sent.temperature === undefined)
    notes.push(`temperature ${temperature} is not sent`)
  if (stop && !sent.stop) notes.push(`${familyOf(target)} has no stop sequences here: they are not sent`)
  const hasThought = messages.some((message) => message.role === 'assistant' && message.thinking?.length)
  if (hasThought && !sent.thinking) notes.push('what the model thought in earlier turns is not sent')
  if (messages.at(-1)?.role === 'assistant')
    notes.push('the conversation ends with an assistant message, which not every model continues')
  if (dropped.length > 0) notes.push(`not carried over: ${dropped.join(', ')}`)
  return notes
}

/** The id of a tool call for a wire that allows only some: any other is replaced by one of `length` digits made of it. */
export function wireCallId(id: string, isAllowed: RegExp, prefix: string, length: number): string {
  return isAllowed.test(id) ? id : prefix + createHash('sha1').update(id).digest('hex').slice(0, length)
}

/** An address on the provider's own base, or on another one. */
export function endpoint(base: string, path: string): string {
  return base.replace(/\/+$/, '') + path
}

/**
 * The system text for OpenAI, whose JSON mode wants to be told of in the messages too: without the word "JSON" somewhere
 * in them it refuses the request.
 */
export function systemForJsonMode({ system, messages, responseFormat }: Conversation): string | null {
  if (responseFormat?.type !== 'json_object') return system
  const isTold = [system ?? '', ...messages.map(({ content }) => content)].some((text) => /json/i.test(text))
  return isTold ? system : joinParagraphs(system, 'Respond in JSON.')
}

import { isObject, listOr, stringOr } from '../json-object.ts'
import type { Image, MessagePart, UserMessage } from './conversation.ts'
import { unsupported } from './unsupported-request-error.ts'

/** The type of a content part or block, for an error message. */
export function typeOf(part: unknown): string {
  return isObject(part) ? stringOr(part.type, 'untyped') : typeof part
}

/** The text of a content that is a text or a list of texts: `textTypes` are what the wire calls those. */
export function textContent(content: unknown, textTypes: readonly string[], where: string): string {
  if (content === null || content === undefined) return ''
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return unsupported(`the content of ${where} is no text and no list`)
  return content.map((part) => textOf(part, textTypes, where)).join('')
}

function textOf(part: unknown, textTypes: readonly string[], where: string): string {
  if (typeof part === 'string') return part
  if (isObject(part) && textTypes.includes(stringOr(part.type, '')))
    return stringOr(part.text, stringOr(part.refusal, ''))
  return unsupported(`${where} has a part of type ${typeOf(part)}`)
}

/** A user's message from its parts; `imageOf` reads a part that is no text, and refuses what is no image. */
export function userMessage(
  content: unknown,
  textTypes: readonly string[],
  imageOf: (part: unknown) => Image,
): UserMessage {
  if (typeof content === 'string') return { role: 'user', content }
  const parts = listOr(content).map((part): MessagePart => {
    const isText = typeof part === 'string' || textTypes.includes(typeOf(part))
    return isText ? { type: 'text', text: textOf(part, textTypes, 'a user message') } : imageOf(part)
  })
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const hasImages = parts.some(({ type }) => type === 'image')
  return { role: 'user', content: text, ...(hasImages && { parts }) }
}

/** An image from an address, which may hold its bytes itself (`data:image/png;base64,…`). */
export function imageFromUrl(url: string): Image {
  const [, mediaType, base64] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
  return mediaType && base64 !== undefined ? { type: 'image', mediaType, base64 } : { type: 'image', url }
}

/** The address of an image, its bytes included where it has no other. */
export function imageUrl(image: Image): string {
  return 'url' in image ? image.url : `data:${image.mediaType};base64,${image.base64}`
}

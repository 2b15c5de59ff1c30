/** Controls that a reader would not see, and that may turn the text around them: U+202E and its kind. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** The text with every control shown as what it is, so that it is harmless and legal in Markdown, HTML and XML. */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(LONE_SURROGATE, '\ufffd').replace(HIDDEN, shown)
}

function shown(control: string): string {
  const code = control.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`
}

/** At most so many UTF-16 units, with a word on what is left out. No character is cut in two. */
export function clip(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const end = maxChars - (isHighSurrogate(text.charCodeAt(maxChars - 1)) ? 1 : 0)
  return `${text.slice(0, end)}\n… ${(text.length - end).toLocaleString('en')} more characters`
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

/** One line for a table. */
export function oneLine(text: string, maxChars = 80): string {
  const flat = visible(text.slice(0, maxChars * 8))
    .replace(/\s+/g, ' ')
    .trim()
  const chars = [...flat]
  return chars.length <= maxChars ? flat : `${chars.slice(0, maxChars - 1).join('')}…`
}

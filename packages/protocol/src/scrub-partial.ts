const END = '(?![^])'
const TOKEN =
  /\\(?:u\{[^}]*\}|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|c[A-Za-z]|[pP]\{[^}]*\}|k<[^>]*>|\d+|[\s\S])|\[(?:\\[\s\S]|[^\]\\])*\]|\(\?<?[=!]|\(\?(?:[a-z-]*:|<[^>]*>)|[()|]|[*+?]\??|\{\d+(?:,\d*)?\}\??|[\s\S]/gu
const OPENS = /^\((?:\?|$)/
const PASSES = /^(?:[()|*+?]|\{\d)/

/**
 * The expression that matches, at the end of a text, whatever may be the beginning of a match of `pattern`: every atom
 * may be the end of the text instead. Where that cannot be told, it matches the last `maxChars` characters.
 */
export function partialPattern(pattern: RegExp, maxChars: number): RegExp {
  const flags = `${pattern.flags.replace(/[gy]/g, '')}g`
  try {
    return new RegExp(`(?:${partialSource(pattern.source)})${END}`, flags)
  } catch {
    // Syntax that this does not know, as nested classes are: all of it may be a beginning.
    return new RegExp(`[^]{1,${maxChars}}${END}`, 'g')
  }
}

function partialSource(source: string): string {
  let partial = ''
  /** The depth of groups inside a look-behind, or inside what must not follow: those stay as they are. */
  let verbatimDepth = 0
  for (const [token] of source.matchAll(TOKEN)) {
    const isOpening = OPENS.test(token)
    if (verbatimDepth > 0) {
      partial += token
      if (isOpening) verbatimDepth++
      else if (token === ')') verbatimDepth--
    } else if (isOpening || PASSES.test(token)) {
      partial += token
      if (token === '(?!' || token === '(?<=' || token === '(?<!') verbatimDepth = 1
    } else {
      partial += `(?:${token}|${END})`
    }
  }
  return partial
}

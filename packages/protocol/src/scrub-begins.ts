/** Tells where in a text one of a few words may begin, at a fraction of what a regular expression takes for it. */
export interface BeginningIndex {
  /** The first place from `from` on; -1 if there is none. Each place where one begins is found, and now and then another. */
  next(text: string, from: number): number
}

/** What is looked at of a beginning, in characters. */
const CHARS = 3
const CLASS_BITS = 6
const CLASSES = 2 ** CLASS_BITS

/** `beginnings`: in any case; one of fewer than three characters may be followed by anything. */
export function createBeginningIndex(beginnings: readonly string[]): BeginningIndex {
  const isBeginning = new Uint8Array(CLASSES ** CHARS)
  for (const beginning of beginnings) {
    const classes = beginning
      .slice(0, CHARS)
      .split('')
      .map((char) => classOf(char.charCodeAt(0)))
    markAll(isBeginning, classes)
  }
  const mask = isBeginning.length - 1

  return {
    next(text, from) {
      if (text.length - from < CHARS) return -1
      let seen = (classOf(text.charCodeAt(from)) << CLASS_BITS) | classOf(text.charCodeAt(from + 1))
      for (let i = from + CHARS - 1; i < text.length; i++) {
        seen = ((seen << CLASS_BITS) | classOf(text.charCodeAt(i))) & mask
        if (isBeginning[seen] === 1) return i - CHARS + 1
      }
      return -1
    },
  }
}

function markAll(isBeginning: Uint8Array, classes: readonly number[]): void {
  const missing = CLASSES ** (CHARS - classes.length)
  const first = classes.reduce((seen, each) => (seen << CLASS_BITS) | each, 0) * missing
  isBeginning.fill(1, first, first + missing)
}

/** Of ASCII a letter is the same in both cases, and little else is the same; what is no ASCII is told apart badly. */
function classOf(code: number): number {
  return CLASS_OF[code & 127] as number
}

const CLASS_OF = Uint8Array.from({ length: 128 }, (_, code) => {
  const isLetter = /[a-z]/i.test(String.fromCharCode(code))
  return isLetter ? code & 31 : 32 + (code & 31)
})

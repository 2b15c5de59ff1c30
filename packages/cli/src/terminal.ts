import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where a command writes: results on stdout; messages and progress on stderr. */
export interface Terminal {
  /** Resolves when more may be written. */
  print(text: string): Promise<void>
  /** One line on stderr. */
  say(message: string): void
  /** One line on stderr about something wrong, after the command's name. */
  warn(message: string): void
  /** Colors for stdout; plain text where stdout has none. */
  paint(style: Style, text: string): string
  /** Draws on the last line of stderr, in place of what was drawn before. Nothing where stderr is no terminal. */
  draw(line: string): void
  /** Columns of stdout; 100 where it is no terminal. */
  readonly columns: number
}

type Stream = Pick<NodeJS.WriteStream, 'write' | 'once' | 'isTTY' | 'columns'>

const CLEAR_LINE = '\r\x1b[K'

/** A terminal on the process's streams. */
export function createTerminal(stdout: Stream, stderr: Stream): Terminal {
  let hasDrawing = false

  function draw(line: string): void {
    if (!stderr.isTTY || (line === '' && !hasDrawing)) return
    // A line that wraps could not be cleared.
    stderr.write(CLEAR_LINE + line.slice(0, (stderr.columns || 80) - 1))
    hasDrawing = line !== ''
  }

  function say(message: string): void {
    draw('')
    stderr.write(`${printable(message)}\n`)
  }

  return {
    async print(text) {
      // What was drawn would be mixed up with it, if both streams are the same window.
      if (stdout.isTTY) draw('')
      if (!stdout.write(text)) await new Promise<void>((resolve) => stdout.once('drain', () => resolve()))
    },
    say,
    warn: (message) => say(`agent-stream: ${message}`),
    paint: (style, text) =>
      styleText(style, text, { stream: stdout as NodeJS.WriteStream, validateStream: true }),
    draw,
    columns: stdout.columns || 100,
  }
}

/** The text without what a terminal would take for a command: recordings may hold anything. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ')
}

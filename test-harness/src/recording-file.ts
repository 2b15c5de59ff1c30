import { parseRecording, type RecordedSession, type RecordingProblem } from '@agent-stream/protocol'

export interface Recording {
  readonly sessions: readonly RecordedSession[]
  /** Lines that were passed over. */
  readonly problems: readonly RecordingProblem[]
}

/**
 * Reads a recording, of either format version, or a run log. Several files are the parts of one recording, in this
 * order. Throws where a file cannot be read; a line that cannot costs that line. Not for browsers.
 */
export function loadRecording(path: string | readonly string[]): Recording {
  const paths = typeof path === 'string' ? [path] : path
  if (paths.length === 0) throw new TypeError('loadRecording: no file is given; give at least one path')
  return parseRecording(paths.map(readText).join('\n'))
}

function readText(path: string): string {
  // Not imported, so that `replay` can be bundled for browsers.
  const { readFileSync } = process.getBuiltinModule('node:fs')
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as { readonly code?: string }
    throw new Error(`loadRecording: cannot read ${path} in ${process.cwd()} (${code})`, { cause })
  }
}

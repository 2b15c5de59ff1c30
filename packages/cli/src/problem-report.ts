import type { RecordingProblem, RecordingProblemCode } from '@agent-stream/protocol'

/** Counts what was passed over in one file, for one message a kind. */
export interface ProblemReport {
  add(problem: RecordingProblem): void
  /** `hasSessions`: whether anything could be read beside. */
  messages(hasSessions: boolean): string[]
}

const SAID: Readonly<Record<RecordingProblemCode, string>> = {
  torn_line: 'is cut off (its writer was interrupted)',
  not_json: 'is not JSON',
  foreign_line: 'is neither a session header ("session") nor an event ("t", "event")',
  no_session: 'is an event before any session header',
  bad_checksum: 'has a checksum that does not fit',
  line_too_long: 'is longer than 16 Mi characters',
}

/** Says where and why, never what stands there: a recording may hold secrets. */
export function createProblemReport(): ProblemReport {
  const kinds = new Map<RecordingProblemCode, { firstLine: number; count: number }>()
  return {
    add({ code, line }) {
      const kind = kinds.get(code)
      if (kind) kind.count++
      else kinds.set(code, { firstLine: line, count: 1 })
    },
    messages(hasSessions) {
      if (!hasSessions) return [nothingIn(kinds)]
      return [...kinds].map(([code, { firstLine, count }]) => {
        const others = count > 1 ? `, and ${count - 1} more like it; they were` : '; it was'
        return `line ${firstLine} ${SAID[code]}${others} passed over`
      })
    },
  }
}

function nothingIn(kinds: ReadonlyMap<RecordingProblemCode, { readonly firstLine: number }>): string {
  const [first] = kinds
  if (!first) return 'empty: no session in it'
  return `not a recording: line ${first[1].firstLine} ${SAID[first[0]]}`
}

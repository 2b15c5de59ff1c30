import type { ShownSnapshot, Transition } from './run-recording.ts'

const ENDS = ['synthetic-done', 'error', 'stopped']

/**
 * What may follow on what in the life of one run. Written down here a second time on purpose: what the client's own
 * machine allows cannot be what it is held against.
 */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  idle: ['streaming.connecting'],
  'streaming.connecting': ['streaming.open', 'retrying', ...ENDS],
  // Back to connecting: the numbers jumped, or the log was rewound.
  'streaming.open': ['streaming.connecting', 'retrying', 'done', ...ENDS],
  retrying: ['streaming.connecting', 'stopped'],
}

export function illegalTransitions(transitions: readonly Transition[]): string[] {
  let before = 'idle'
  return transitions.flatMap(({ atMs, from, to }) => {
    const isLegal = from === before && NEXT[from]?.includes(to)
    before = to
    return isLegal ? [] : [`at ${atMs} ms: ${from} → ${to}`]
  })
}

/** A tool that has ended stays as it ended, as long as the run is not told from its beginning again. */
export function revivedTools(snapshots: readonly ShownSnapshot[]): string[] {
  return snapshots.flatMap(({ atMs, restarts, snapshot }, index) => {
    const before = snapshots[index - 1]
    if (before?.restarts !== restarts || before.snapshot.tools === snapshot.tools) return []
    return before.snapshot.tools.flatMap(({ id, status }, place) => {
      const now = snapshot.tools[place]?.status ?? 'gone'
      const isLegal = now === status || (status === 'running' && now !== 'gone')
      return isLegal ? [] : [`at ${atMs} ms: tool ${id}: ${status} → ${now}`]
    })
  })
}

import type { Stream } from './streams.ts'

export interface Contestant {
  /** Reads the stream to its end; returns the length of its text. */
  readonly read: (stream: Stream) => Promise<number>
  readonly stream: Stream
}

/**
 * Medians of microseconds per event. The contestants take turns, so that whatever else the machine does falls on
 * all of them alike.
 */
export async function measure<N extends string>(
  contestants: Readonly<Record<N, Contestant>>,
  rounds: number,
): Promise<Record<N, number>> {
  const names = Object.keys(contestants) as N[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<N, number[]>
  const lengths = new Set<number>()
  for (let round = 0; round < rounds + WARM_UP; round++) {
    for (const name of names) {
      const { read, stream } = contestants[name]
      const start = performance.now()
      lengths.add(await read(stream))
      const microseconds = (performance.now() - start) * 1000
      if (round >= WARM_UP) times[name].push(microseconds / stream.events)
    }
  }
  if (lengths.size !== 1)
    throw new Error(`The contestants disagree on the text: ${[...lengths].join(', ')} characters`)
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<N, number>
}

const WARM_UP = 3

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

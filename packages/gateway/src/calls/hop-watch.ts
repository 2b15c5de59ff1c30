import type { CallReport } from '../observe/call-report.ts'

/** Something on the way of streams that holds them back. */
export interface BufferingHop {
  /** `upstream`: between the gateway and the API; `downstream`: between the client and the gateway. */
  readonly hop: 'upstream' | 'downstream'
  readonly target: string
  /** Streams that were held back, of those that could be judged, among the last ones. */
  readonly streams: number
  readonly of: number
  /** What speaks for it in the latest of them. */
  readonly because: string
  /** What to look at, the likeliest first. */
  readonly advice: readonly string[]
}

/** Of each hop so many streams are remembered. */
const REMEMBERED = 20
/** Streams with fewer messages with output may have been ready at once. */
const MIN_OUTPUT = 8

interface Judged {
  readonly isHeld: boolean
  readonly because: string
  readonly advice: readonly string[]
}

/** Judges hops by the streams that came over them. */
export interface HopWatch {
  add(report: CallReport): void
  /** What a client says of its side: it has seen when a stream arrived. */
  addDownstream(target: string, judged: Judged): void
  /** Where at least half of what could be judged was held back. */
  hops(): readonly BufferingHop[]
}

export function createHopWatch(): HopWatch {
  const judged = new Map<string, Judged[]>()

  function note(hop: BufferingHop['hop'], target: string, verdict: Judged): void {
    const key = `${hop} ${target}`
    judged.set(key, [...(judged.get(key) ?? []), verdict].slice(-REMEMBERED))
  }

  return {
    add({ target, upstream, downstream, outputMessages }) {
      if (upstream && upstream.buffering !== 'unclear' && outputMessages >= MIN_OUTPUT) {
        const isHeld = upstream.buffering !== 'streams'
        note('upstream', target, { isHeld, because: upstream.because, advice: upstream.advice })
      }
      if (downstream) note('downstream', target, { isHeld: true, ...downstream })
    },
    addDownstream: (target, verdict) => note('downstream', target, verdict),
    hops() {
      return [...judged].flatMap(([key, verdicts]): BufferingHop[] => {
        const [hop, target] = key.split(/ (.*)/s) as [BufferingHop['hop'], string]
        const held = verdicts.filter(({ isHeld }) => isHeld)
        const latest = held.at(-1)
        if (!latest || held.length * 2 < verdicts.length) return []
        const { because, advice } = latest
        return [{ hop, target, streams: held.length, of: verdicts.length, because, advice }]
      })
    },
  }
}

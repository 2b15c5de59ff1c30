import type { Arrival, Arrivals } from './arrivals.ts'

export {
  type Arrival,
  type ArrivalReader,
  type Arrivals,
  createArrivalReader,
  histogram,
} from './arrivals.ts'
export { type Advice, bufferingAdvice, TELLING_HEADERS } from './buffering-advice.ts'

/**
 * - `streams`: messages come as they are sent
 * - `buffered`: all came at once, after a wait
 * - `blocks`: they come in bursts, as a buffer does that is passed on when it is full
 * - `unclear`: the stream was too short to tell
 */
export type Buffering = 'streams' | 'buffered' | 'blocks' | 'unclear'

export interface BufferingVerdict {
  readonly buffering: Buffering
  /** What speaks for it, in a sentence. */
  readonly because: string
}

/** Fewer messages say nothing. */
const MIN_MESSAGES = 5
/** A stream that was over sooner may have been ready. */
const MIN_DURATION_MS = 300
/** What a network needs to bring what was there already: so long, and so many bytes in a millisecond. */
const AT_ONCE_MS = 20
const NETWORK_BYTES_PER_MS = 1000
/** A silence that a person sees. */
const MIN_PAUSE_MS = 200
const MIN_BLOCK_MESSAGES = 8
/** So many blocks with most of the messages, or fewer with nearly all: else it may be what was said between two tools. */
const MIN_BLOCKS = 3
const MIN_BLOCKS_OF_ALL = 2
const NEARLY_ALL = 0.75

/** Whether something on the way held a stream back, told by when its pieces came. */
export function judgeBuffering({
  pieces,
  saidDurationMs,
}: Pick<Arrivals, 'pieces' | 'saidDurationMs'>): BufferingVerdict {
  const messages = sum(pieces, (piece) => piece.messages)
  const said = pieces.filter((piece) => piece.messages + piece.comments > 0)
  const firstMs = said[0]?.atMs ?? 0
  const lastMs = said.at(-1)?.atMs ?? 0
  if (messages < MIN_MESSAGES)
    return { buffering: 'unclear', because: `only ${messages} messages came; ask for a longer answer` }
  const spanMs = lastMs - firstMs
  if (spanMs <= networkMs(sum(pieces, ({ sizeBytes }) => sizeBytes)))
    return atOnce(messages, firstMs, lastMs, saidDurationMs)
  const blocks = burstsOf(said).filter(isBlock)
  const burstMessages = sum(blocks, (block) => block.messages)
  const hasMost = blocks.length >= MIN_BLOCKS && burstMessages > messages / 2
  const hasNearlyAll = blocks.length >= MIN_BLOCKS_OF_ALL && burstMessages >= messages * NEARLY_ALL
  if (hasMost || hasNearlyAll) {
    const because = `${burstMessages} of ${messages} messages came in bursts, each after at least ${MIN_PAUSE_MS} ms of silence`
    return { buffering: 'blocks', because }
  }
  return { buffering: 'streams', because: `${messages} messages came over ${Math.round(spanMs)} ms` }
}

function atOnce(messages: number, firstMs: number, lastMs: number, saidDurationMs = 0): BufferingVerdict {
  const wait = `all ${messages} messages came at once, after ${Math.round(firstMs)} ms`
  // The server's own word: it was at work for most of the time in which nothing came.
  if (saidDurationMs >= MIN_DURATION_MS && saidDurationMs > lastMs / 2)
    return { buffering: 'buffered', because: `${wait}; the server says that it took ${saidDurationMs} ms` }
  if (lastMs >= MIN_DURATION_MS) return { buffering: 'buffered', because: wait }
  return { buffering: 'unclear', because: `${wait}: too soon to tell; ask for a longer answer` }
}

interface Burst {
  /** The silence before it. */
  readonly pauseMs: number
  readonly startMs: number
  endMs: number
  messages: number
  sizeBytes: number
}

/** What came without a break that is long for a network. */
function burstsOf(pieces: readonly Arrival[]): Burst[] {
  const bursts: Burst[] = []
  for (const { atMs, messages, sizeBytes } of pieces) {
    const last = bursts.at(-1)
    const pauseMs = atMs - (last?.endMs ?? 0)
    if (!last || pauseMs > AT_ONCE_MS)
      bursts.push({ pauseMs, startMs: atMs, endMs: atMs, messages, sizeBytes })
    else {
      last.endMs = atMs
      last.messages += messages
      last.sizeBytes += sizeBytes
    }
  }
  return bursts
}

/** Many messages as fast as a network brings what is ready, after a silence. */
function isBlock({ pauseMs, startMs, endMs, messages, sizeBytes }: Burst): boolean {
  return pauseMs >= MIN_PAUSE_MS && messages >= MIN_BLOCK_MESSAGES && endMs - startMs <= networkMs(sizeBytes)
}

const networkMs = (sizeBytes: number): number => AT_ONCE_MS + sizeBytes / NETWORK_BYTES_PER_MS

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0)

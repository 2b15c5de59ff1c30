import type { Observation, ObservationOf } from './observation.ts'

export type Piece = ObservationOf<'request'> | ObservationOf<'chunk'>
export type Said = Exclude<Observation, Piece>

/** Observations on their way to an observer. Pieces of calls are many: all of them are two buffers. */
export interface PackedObservations {
  readonly said: readonly Said[]
  /** The calls that the pieces belong to. */
  readonly calls: readonly string[]
  /** In the order of all: `SAID`; or the piece's kind, its call's place in `calls`, when it came, and its length. */
  readonly order: Float64Array<ArrayBuffer>
  /** Of all pieces, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What they count for against what an observer may lag behind, in bytes. */
  readonly weight: number
}

/** What an observation costs beside its bytes. */
const OVERHEAD_BYTES = 200

/** What an observation counts for, in bytes. */
export function weightOf(observation: Observation): number {
  return OVERHEAD_BYTES + ('bytes' in observation ? observation.bytes.length : 0)
}

const SAID = 0
const REQUEST = 1
const CHUNK = 2
const FIRST_BYTES = 2 ** 14

/** Collects observations until they are handed over. */
export class ObservationBatch {
  #said: Said[] = []
  #calls = new Map<string, number>()
  #order: number[] = []
  #bytes = new Uint8Array(FIRST_BYTES)
  #used = 0
  #weight = 0

  get weight(): number {
    return this.#weight
  }

  say(observation: Said): void {
    this.#said.push(observation)
    this.#order.push(SAID)
    this.#weight += weightOf(observation)
  }

  /** Takes a copy of the piece's bytes. */
  add(piece: Piece): void {
    const { type, call, bytes } = piece
    const place = this.#calls.get(call) ?? this.#calls.size
    if (place === this.#calls.size) this.#calls.set(call, place)
    this.#order.push(
      type === 'chunk' ? CHUNK : REQUEST,
      place,
      type === 'chunk' ? piece.atMs : 0,
      bytes.length,
    )
    this.#makeRoom(bytes.length)
    this.#bytes.set(bytes, this.#used)
    this.#used += bytes.length
    this.#weight += weightOf(piece)
  }

  /** All of them, which are the caller's from now on. */
  take(): PackedObservations {
    const packed = {
      said: this.#said,
      calls: [...this.#calls.keys()],
      order: Float64Array.from(this.#order),
      bytes: this.#bytes.subarray(0, this.#used),
      weight: this.#weight,
    }
    this.#said = []
    this.#calls = new Map()
    this.#order = []
    this.#bytes = new Uint8Array(FIRST_BYTES)
    this.#used = 0
    this.#weight = 0
    return packed
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#used + bytes))
    larger.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = larger
  }
}

/** The observations one by one, in their order. Bytes are views. */
export function* unpackObservations({
  said,
  calls,
  order,
  bytes,
}: PackedObservations): Generator<Observation> {
  let nextSaid = 0
  let start = 0
  let i = 0
  const next = () => order[i++] as number
  while (i < order.length) {
    const kind = next()
    if (kind === SAID) {
      yield said[nextSaid++] as Said
      continue
    }
    const call = calls[next()] as string
    const atMs = next()
    const end = start + next()
    const piece = bytes.subarray(start, end)
    yield kind === CHUNK
      ? { type: 'chunk', call, atMs, bytes: piece }
      : { type: 'request', call, bytes: piece }
    start = end
  }
}

import { type Clock, systemClock } from './clock.ts'

export interface TokenBatcherOptions {
  /** Text that is given out at once, in characters. Default 4,096. */
  readonly maxChars?: number
  readonly clock?: Clock
}

/**
 * Collects tokens, so that a fast model does not cost an event each. It has no timer: text is given out by `add` when
 * it is due, and by `flush`, which has to come before any other event and at the end. `batchTokens` does both by itself.
 */
export class TokenBatcher {
  readonly #intervalMs: number
  readonly #maxChars: number
  readonly #clock: Clock
  #text = ''
  #lastFlushMs: number

  /** `intervalMs`: how long text is collected, in milliseconds. */
  constructor(intervalMs = 50, { maxChars = 4096, clock = systemClock }: TokenBatcherOptions = {}) {
    this.#intervalMs = intervalMs
    this.#maxChars = maxChars
    this.#clock = clock
    this.#lastFlushMs = clock.now()
  }

  /** The collected text, if it is due. */
  add(text: string): string | undefined {
    this.#text += text
    const isDue = this.#clock.now() - this.#lastFlushMs >= this.#intervalMs
    return isDue || this.#text.length >= this.#maxChars ? this.flush() : undefined
  }

  /** The collected text, if there is any. */
  flush(): string | undefined {
    if (this.#text === '') return undefined
    const text = this.#text
    this.#text = ''
    this.#lastFlushMs = this.#clock.now()
    return text
  }

  get hasContent(): boolean {
    return this.#text !== ''
  }
}

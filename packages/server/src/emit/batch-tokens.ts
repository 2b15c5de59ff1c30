import { type Clock, systemClock } from './clock.ts'

export interface BatchTokensOptions {
  /** How long text is collected, in milliseconds. Default 50. */
  readonly intervalMs?: number
  /** Text that is passed on at once, in characters. Default 4,096. */
  readonly maxChars?: number
  readonly clock?: Clock
}

interface Event {
  readonly type: string
}

type TextEvent = Event & { readonly text: string }

/**
 * The same events with fewer of text: `token`s in a row become one, as do `thinking`s, if nothing but their text
 * differs. The first one passes at once, the others wait for `intervalMs`; whatever else comes passes behind the text
 * before it.
 */
export function batchTokens<E extends Event>(
  source: AsyncIterable<E>,
  { intervalMs = 50, maxChars = 4096, clock = systemClock }: BatchTokensOptions = {},
): AsyncIterable<E> {
  return { [Symbol.asyncIterator]: () => createIterator(source, intervalMs, maxChars, clock) }
}

function createIterator<E extends Event>(
  source: AsyncIterable<E>,
  intervalMs: number,
  maxChars: number,
  clock: Clock,
): AsyncIterator<E> {
  const iterator = source[Symbol.asyncIterator]()
  /** Stays until its result is taken, also while the text before it goes out. */
  let pending: Promise<IteratorResult<E>> | undefined
  let held: (E & TextEvent) | undefined
  let lastMs = Number.NEGATIVE_INFINITY
  let timer: unknown

  /** Whether the text is to go out before the source's next word; also if that is that it failed. */
  async function isDueBefore(next: Promise<unknown>): Promise<boolean> {
    const waitMs = lastMs + intervalMs - clock.now()
    if (waitMs <= 0) return true
    const due = new Promise<boolean>((resolve) => {
      timer = clock.setTimeout(() => resolve(true), waitMs)
    })
    const came = next.then(
      () => false,
      () => true,
    )
    return Promise.race([came, due]).finally(() => clock.clearTimeout(timer))
  }

  function giveText(): IteratorResult<E> {
    const value = held as E
    held = undefined
    lastMs = clock.now()
    return { value }
  }

  return {
    async next() {
      for (;;) {
        pending ??= iterator.next()
        if (held && (await isDueBefore(pending))) return giveText()
        const result = await pending
        const { value } = result
        if (held && (result.done || !isText(value) || !differInTextOnly(held, value))) return giveText()
        pending = undefined
        if (result.done || !isText(value)) return result
        const text: string = (held?.text ?? '') + value.text
        held = { ...value, text }
        if (text.length >= maxChars) return giveText()
      }
    },
    async return() {
      clock.clearTimeout(timer)
      const returned = iterator.return?.()
      // A source that is at work would have to be waited for, though nobody wants what it brings.
      if (pending) void returned?.catch(() => undefined)
      else await returned
      return { done: true, value: undefined }
    },
  }
}

function isText<E extends Event>(event: E): event is E & TextEvent {
  return event.type === 'token' || event.type === 'thinking'
}

function differInTextOnly(a: object, b: object): boolean {
  const [first, second] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  const keys = new Set([...first.keys(), ...second.keys()])
  keys.delete('text')
  return [...keys].every((key) => first.get(key) === second.get(key))
}

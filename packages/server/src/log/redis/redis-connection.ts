import { LogError } from '../log-error.ts'
import { waitMs } from '../when-available.ts'
import { drop, openLike, type RedisClient } from './redis-client.ts'
import { redisError, replyCode } from './redis-error.ts'
import type { RedisScript } from './redis-script.ts'

/** A connection to Redis that is opened when it is needed, and again after it was lost. */
export interface RedisConnection {
  /** How many times it was opened. */
  readonly generation: number
  /** Resolves when it is open. */
  ready(): Promise<void>
  /** The reply. Rejects in time, with errors of the log's. `blockMs`: how long Redis may let the command wait. */
  send(args: readonly string[], blockMs?: number): Promise<unknown>
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown>
  /** Rejects what was not sent yet with `closed`, and waits for the other answers. */
  close(): Promise<void>
  /** Waits for nothing. */
  destroy(): void
}

/** Replies as strings, whatever the client is set to; and no deadline but ours. */
const AS_STRINGS = { typeMapping: {}, timeout: undefined }
const LONGEST_WAIT_MS = 1000

/**
 * A connection that leaves a command without an answer for `timeoutMs` is given up: the network may have swallowed
 * it, which TCP notices after many minutes. `scripts` are loaded ahead of the first call, so that calls that are on
 * their way together are run in their order.
 */
export function createRedisConnection(
  client: RedisClient,
  timeoutMs: number,
  scripts: readonly RedisScript[],
): RedisConnection {
  const closing = new AbortController()
  /** Those who wait for the connection. */
  const waiting = new Set<() => void>()
  let own: RedisClient | undefined
  let isOpening = false
  let lastFailure: unknown
  let generation = 0
  let inFlight = 0
  let onDrained = () => {}

  const wake = () => {
    for (const each of waiting) each()
  }

  /** Goes on until there is a connection, or nobody waits for one. */
  async function open(): Promise<void> {
    isOpening = true
    for (let failures = 0; waiting.size > 0 && !closing.signal.aborted; failures++) {
      try {
        own = await openLike(client, timeoutMs, closing.signal)
        generation++
        lastFailure = undefined
        load(own)
        break
      } catch (error) {
        lastFailure = error
        const waitedMs = Math.min(50 * 2 ** failures, LONGEST_WAIT_MS)
        await waitMs(waitedMs * (1 + 0.25 * Math.random()), closing.signal)
      }
    }
    isOpening = false
    if (closing.signal.aborted && own) drop(own)
    wake()
  }

  function load(opened: RedisClient): void {
    for (const { lua } of scripts) {
      // Without it, a script is sent with its first call.
      answer(opened, ['SCRIPT', 'LOAD', lua], timeoutMs).catch(() => undefined)
    }
  }

  function woken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer)
        waiting.delete(finish)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      waiting.add(finish)
      if (!isOpening) void open()
    })
  }

  async function opened(): Promise<RedisClient> {
    const untilMs = performance.now() + timeoutMs
    for (;;) {
      if (closing.signal.aborted) throw new LogError('closed', 'The log was closed')
      if (own?.isReady) return own
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) throw unreachable(lastFailure)
      await woken(leftMs)
    }
  }

  function unreachable(cause?: unknown): Error {
    // Redis itself may have said what the matter is.
    if (replyCode(cause)) return redisError(cause)
    return new LogError('unavailable', `Redis could not be reached within ${timeoutMs} ms`, { cause })
  }

  function answer(asked: RedisClient, args: readonly string[], ms: number): Promise<unknown> {
    inFlight++
    return new Promise((resolve, reject) => {
      let isSettled = false
      const settle = (): boolean => {
        if (isSettled) return false
        isSettled = true
        clearTimeout(timer)
        inFlight--
        if (inFlight === 0) onDrained()
        return true
      }
      const giveUp = () => {
        if (!settle()) return
        reject(unreachable())
        if (own === asked) own = undefined
        drop(asked)
      }
      // If this process was held up, the answer is there already, and read before the immediate.
      const timer = setTimeout(() => setImmediate(giveUp), ms)
      asked.sendCommand(args, AS_STRINGS).then(
        (reply) => settle() && resolve(reply),
        (error) => settle() && reject(error),
      )
    })
  }

  async function send(args: readonly string[], blockMs = 0): Promise<unknown> {
    const isOpen = own?.isReady && !closing.signal.aborted
    const asked = isOpen ? (own as RedisClient) : await opened()
    return answer(asked, args, timeoutMs + blockMs)
  }

  return {
    get generation() {
      return generation
    },
    async ready() {
      await opened()
    },
    async send(args, blockMs) {
      try {
        return await send(args, blockMs)
      } catch (error) {
        throw redisError(error)
      }
    },
    async run({ lua, sha1 }, keys, args) {
      const rest = [String(keys.length), ...keys, ...args]
      try {
        return await send(['EVALSHA', sha1, ...rest])
      } catch (error) {
        if (replyCode(error) !== 'NOSCRIPT') throw redisError(error)
      }
      // Redis was loading when it was asked to know the script, or somebody made it forget.
      try {
        return await send(['EVAL', lua, ...rest])
      } catch (error) {
        throw redisError(error)
      }
    },
    async close() {
      closing.abort()
      wake()
      if (inFlight > 0) {
        await new Promise<void>((resolve) => {
          onDrained = resolve
        })
      }
      if (own) drop(own)
    },
    destroy() {
      closing.abort()
      wake()
      if (own) drop(own)
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'

import { expectationsOf, type HostileCase } from './case.ts'
import type { HostileDriver, Observed, Shown } from './driver.ts'
import { judge } from './judge.ts'
import { startHostileServer } from './server.ts'
import { startStopwatch } from './stopwatch.ts'

export interface HostileResult {
  readonly observed: Observed
  /** What is wrong; empty if all is right. */
  readonly problems: readonly string[]
}

/** Nobody looks at a screen for longer that shows nothing new. */
const LIMIT_MS = 15_000
const LOOK_MS = 100
/** What a client leaves behind shows in this time: a rejection that nobody handles. */
const AFTERMATH_MS = 50
/** Within this time a client lets go of its connections. */
const CLOSE_MS = 1000

/** Points a client at one case, and judges what comes of it. Uses a real server and real time. */
export async function runHostileCase(
  hostileCase: HostileCase,
  driver: HostileDriver,
): Promise<HostileResult> {
  const { dialect } = driver
  const user = new AbortController()
  const server = await startHostileServer(hostileCase.responses, dialect, () => {
    if (hostileCase.stopAfterMs !== undefined) setTimeout(() => user.abort(), hostileCase.stopAfterMs)
  })
  const unhandled: string[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(String(reason))
  process.on('unhandledRejection', onUnhandled)
  const memory = watchMemory()
  const elapsedMs = startStopwatch()
  try {
    const shown = await shownBy(driver, server.url, user.signal, elapsedMs)
    const durationMs = elapsedMs()
    const requests = server.requestTimes.length
    const memoryMiB = memory.stop()
    for (let waitedMs = 0; waitedMs < CLOSE_MS; waitedMs += AFTERMATH_MS) {
      await sleep(AFTERMATH_MS)
      if (server.openCount === 0) break
    }
    const shortestGapMs = shortestGap(server.requestTimes)
    const isOpen = server.openCount > 0
    const observed = { ...shown, requests, shortestGapMs, isOpen, durationMs, memoryMiB, unhandled }
    return { observed, problems: judge(expectationsOf(hostileCase, dialect), observed) }
  } finally {
    user.abort()
    memory.stop()
    await server.close()
    process.off('unhandledRejection', onUnhandled)
  }
}

type ShownAtLast = Omit<Shown, 'outcome'> & Pick<Observed, 'outcome'>

async function shownBy(
  driver: HostileDriver,
  url: string,
  signal: AbortSignal,
  elapsedMs: () => number,
): Promise<ShownAtLast> {
  const nothing = { text: '', tools: [], hasError: false }
  let isOver = false
  async function hanging(): Promise<ShownAtLast> {
    while (!isOver && elapsedMs() < LIMIT_MS) await sleep(LOOK_MS)
    return { ...nothing, outcome: 'hanging' }
  }
  try {
    return await Promise.race([driver.run({ url, signal }), hanging()])
  } catch {
    return { ...nothing, outcome: 'threw', hasError: true }
  } finally {
    isOver = true
  }
}

function shortestGap(times: readonly number[]): number {
  return Math.min(...times.slice(1).map((time, index) => time - (times[index] as number)))
}

const MIB = 2 ** 20

/** What the process grows by at most until `stop`. */
function watchMemory(): { stop(): number } {
  const before = process.memoryUsage.rss()
  let peak = before
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  const timer = setInterval(look, 10)
  return {
    stop() {
      clearInterval(timer)
      look()
      return (peak - before) / MIB
    },
  }
}

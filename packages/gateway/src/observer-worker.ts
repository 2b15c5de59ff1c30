// The thread of `observer-thread.ts`.
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'

import { createObserver, type ObserverOptions } from './observe/observer.ts'
import type { ToObserver } from './observe/observer-port.ts'

/** Of this thread alone, where cores are few: streams go first. To Linux, a thread is a process of its own here. */
function stepBack(): void {
  try {
    const thread = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0])
    if (thread > 0) setPriority(thread, 10)
  } catch {
    // Elsewhere all threads are equal.
  }
}

stepBack()
const observer = createObserver(workerData as ObserverOptions, (message) => parentPort?.postMessage(message))

/** A port hands over a thousand messages in a row: one a turn, so that the disk and timers have theirs between. */
const waiting: ToObserver[] = []
function takeNext(): void {
  const message = waiting.shift()
  if (message) observer.take(message)
  if (waiting.length > 0) setImmediate(takeNext)
}

parentPort?.on('message', (message: ToObserver) => {
  if (waiting.push(message) === 1) setImmediate(takeNext)
})

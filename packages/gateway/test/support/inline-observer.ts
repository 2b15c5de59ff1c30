import type { Observer, ObserverOptions } from '../../src/observe/observer.ts'
import { createObserver } from '../../src/observe/observer.ts'
import type { StartObserver } from '../../src/observe/observer-port.ts'
import type { RecordingWorld } from '../../src/observe/recording.ts'

/** An observer in the test's own thread, whose disk is the test's. Messages are copied as between threads. */
export function inlineObserver(world: RecordingWorld = {}): (options: ObserverOptions) => StartObserver {
  return (options) =>
    ({ onMessage }) => {
      const observer: Observer = createObserver(
        structuredClone(options),
        (message) => queueMicrotask(() => onMessage(structuredClone(message))),
        world,
      )
      return {
        post: (message, transfer) => observer.take(structuredClone(message, { transfer: [...transfer] })),
        terminate: async () => undefined,
      }
    }
}

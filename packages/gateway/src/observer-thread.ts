import { Worker } from 'node:worker_threads'
import type { ObserverOptions } from './observe/observer.ts'
import type { FromObserver, StartObserver } from './observe/observer-port.ts'

/**
 * An observer in a thread of its own: reading, measuring, scrubbing and writing take no time from the streams, and
 * whatever goes wrong there is no matter of theirs. `options` are copied: they hold no functions.
 */
export function observerThread(options: ObserverOptions): StartObserver {
  return ({ onMessage, onFailure }) => {
    // Beside this file, built or not.
    const isSource = import.meta.url.endsWith('.ts')
    const worker = new Worker(new URL(`./observer-worker.${isSource ? 'ts' : 'js'}`, import.meta.url), {
      workerData: options,
      // Sources are found among sources.
      ...(isSource && { execArgv: ['--conditions=agent-stream-source'] }),
    })
    worker.on('message', (message: FromObserver) => onMessage(message))
    worker.on('error', (error) => onFailure(error instanceof Error ? error : new Error(String(error))))
    // The gateway's server keeps the process, not its observer.
    worker.unref()
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      async terminate() {
        await worker.terminate()
      },
    }
  }
}

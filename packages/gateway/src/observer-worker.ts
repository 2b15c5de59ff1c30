// The thread of `observer-thread.ts`.
import { parentPort, workerData } from 'node:worker_threads'

import { createObserver, type ObserverOptions } from './observe/observer.ts'
import type { ToObserver } from './observe/observer-port.ts'

const observer = createObserver(workerData as ObserverOptions, (message) => parentPort?.postMessage(message))
parentPort?.on('message', (message: ToObserver) => observer.take(message))

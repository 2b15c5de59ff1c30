import type { TestProject } from 'vitest/node'

import { openChaosProxy } from './chaos-proxy.ts'
import { freePort, startServer } from './server-process.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A run server on another origin than the tests' page. */
    readonly apiUrl: string
    /** The same behind a proxy that cuts every other connection short. */
    readonly flakyApiUrl: string
  }
}

/** Serves durable runs to the browser tests, for as long as they run. */
export async function setup(project: TestProject) {
  const port = await freePort()
  const server = await startServer({ store: 'memory', place: '-', port })
  let connections = 0
  const proxy = await openChaosProxy({
    targetPort: port,
    nextCut: () => (connections++ % 2 === 0 ? 3000 : undefined),
  })
  project.provide('apiUrl', server.url)
  project.provide('flakyApiUrl', proxy.url)
  return async () => {
    await proxy.close()
    server.kill('SIGKILL')
  }
}

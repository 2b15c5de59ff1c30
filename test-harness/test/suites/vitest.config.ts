import { defineConfig } from 'vitest/config'

/** Suites that tests run in a Vitest of their own, as some of them are meant to fail. */
export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['agent-stream-source', 'node', 'module', 'development|production'] },
  ssr: { resolve: { conditions: ['agent-stream-source', 'node', 'module', 'development|production'] } },
  test: { include: ['*.suite.ts'], environment: 'node' },
})

import { availableParallelism } from 'node:os'

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { svelteTesting } from '@testing-library/svelte/vite'
import react from '@vitejs/plugin-react'
import vue from '@vitejs/plugin-vue'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

/** Workspace packages resolve to their sources through the first condition, so no test needs a build. */
const sourceFirst = (...platform: string[]) => [
  'agent-stream-source',
  ...platform,
  'module',
  'development|production',
]
const forNode = {
  resolve: { conditions: sourceFirst('node') },
  ssr: { resolve: { conditions: sourceFirst('node') } },
}
const forBrowser = { resolve: { conditions: sourceFirst('browser') } }
const frameworks = () => [react(), vue(), svelte({ configFile: false })]

/** Many tests wait for timers and processes: two files at a time also where there are two cores. */
const maxWorkers = Math.max(2, availableParallelism() - 1)

const domTests = '**/*.dom.test.{ts,tsx}'
const browserTests = '**/*.browser.test.{ts,tsx}'

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        ...forNode,
        test: {
          name: 'node',
          environment: 'node',
          maxWorkers,
          include: ['{packages/*,test-harness,scripts}/test/**/*.test.ts'],
          exclude: [domTests, browserTests],
        },
      },
      {
        ...forBrowser,
        plugins: [frameworks(), svelteTesting()],
        test: {
          name: 'dom',
          environment: 'jsdom',
          maxWorkers,
          include: [`{packages/*,test-harness}/test/${domTests}`],
        },
      },
      {
        ...forBrowser,
        plugins: [frameworks()],
        test: {
          name: 'browser',
          sequence: { groupOrder: 1 },
          include: [`{packages/*,test-harness}/test/${browserTests}`],
          globalSetup: 'test-harness/test/durable/api.setup.ts',
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
                args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        ...forNode,
        test: {
          name: 'e2e',
          environment: 'node',
          // Each of its files opens many pages at a time: they have the machine for themselves.
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          include: ['apps/playground/test/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})

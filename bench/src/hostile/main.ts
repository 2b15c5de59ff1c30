/**
 * `npm run hostile`: what this project's client and other published ones make of hostile streams, written to
 * `docs/hostile-streams.md`. `-- --original <file>` adds the original `@agent-stream/react`, whose module that is.
 */
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

import {
  appliesTo,
  type HostileDriver,
  type HostileResult,
  hostileGroups,
} from '@agent-stream/test-harness/hostile'

import type { ChildMessage } from './child.ts'
import { hostileDrivers } from './drivers.ts'
import { type Column, renderReport } from './report.ts'

/** What a case may take before its process is ended. */
const CASE_LIMIT_MS = 120_000

const { values } = parseArgs({ options: { original: { type: 'string' } } })
const originalFile = values.original && resolve(values.original)
const cases = hostileGroups.flatMap((group) => group.cases)

const ended = (problem: string): HostileResult => ({
  observed: {
    outcome: 'hanging',
    text: '',
    tools: [],
    hasError: false,
    requests: 0,
    shortestGapMs: Infinity,
    isOpen: false,
    durationMs: CASE_LIMIT_MS,
    memoryMiB: 0,
    unhandled: [],
  },
  problems: [problem],
})
const HELD = ended('holds the process for two minutes')
const DEAD = ended('the process dies')

/** Runs the cases from `first` on in a process of their own; resolves with the case that it died of, if it did. */
function runFrom(
  driver: number,
  first: number,
  results: Map<number, HostileResult>,
): Promise<number | undefined> {
  const child = fork(new URL('child.ts', import.meta.url), [`${driver}`, `${first}`, originalFile ?? ''], {
    execArgv: [...process.execArgv, '--expose-gc', '--max-old-space-size=1024'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  let running: number | undefined
  let limit: NodeJS.Timeout | undefined
  return new Promise((settle) => {
    child.on('message', ({ index, result }: ChildMessage) => {
      clearTimeout(limit)
      running = result ? undefined : index
      if (result) results.set(index, result)
      else limit = setTimeout(() => child.kill('SIGKILL'), CASE_LIMIT_MS)
    })
    child.on('exit', (_code, signal) => {
      clearTimeout(limit)
      if (running !== undefined) results.set(running, signal === 'SIGKILL' ? HELD : DEAD)
      settle(running)
    })
  })
}

async function runDriver(index: number, driver: HostileDriver): Promise<Column> {
  const results = new Map<number, HostileResult>()
  let first: number | undefined = 0
  while (first !== undefined) {
    const died: number | undefined = await runFrom(index, first, results)
    first = died === undefined ? undefined : died + 1
  }
  const applying = cases.filter((hostileCase) => appliesTo(hostileCase, driver.dialect))
  const right = [...results.values()].filter(({ problems }) => problems.length === 0).length
  console.log(`${driver.name} (${driver.dialect}): ${right} of ${applying.length} right`)
  return { driver, resultOf: (hostileCase) => results.get(cases.indexOf(hostileCase)) }
}

const columns: Column[] = []
for (const [index, driver] of (await hostileDrivers(originalFile)).entries()) {
  columns.push(await runDriver(index, driver))
}
const path = new URL('../../../docs/hostile-streams.md', import.meta.url)
writeFileSync(path, renderReport(columns, new Date()))
console.log(`Written: ${path.pathname}`)
process.exit()

import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SuiteResult {
  readonly isPassed: boolean
  readonly passed: readonly string[]
  /** What failed, with what it said. */
  readonly failed: Readonly<Record<string, string>>
}

interface JsonReport {
  readonly success: boolean
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs')

/** Runs a suite of the folder `suites` in a Vitest of its own, on one's own machine unless `env` says CI. */
export async function runSuite(
  name: string,
  env: Readonly<Record<string, string>> = {},
  ...flags: readonly string[]
): Promise<SuiteResult> {
  const { CI: _, GITHUB_ACTIONS: _actions, VITEST: _vitest, ...inherited } = process.env
  const config = join(import.meta.dirname, 'suites/vitest.config.ts')
  const folder = mkdtempSync(join(tmpdir(), 'agent-stream-suite-'))
  const report = join(folder, 'report.json')
  const args = [vitest, 'run', `${name}.suite.ts`, '--config', config]
  args.push('--reporter', 'json', '--outputFile', report, ...flags)
  const said = await new Promise<string>((resolve) => {
    // A suite that fails is what some tests are about: the report says so.
    execFile(process.execPath, args, { env: { ...inherited, ...env } }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
  if (!existsSync(report)) throw new Error(`vitest ${name} made no report: ${said}`)
  const { success, testResults } = JSON.parse(readFileSync(report, 'utf8')) as JsonReport
  rmSync(folder, { recursive: true })
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = tests.filter(({ status }) => status === 'failed')
  return {
    isPassed: success,
    passed: tests.filter(({ status }) => status === 'passed').map(({ title }) => title),
    failed: Object.fromEntries(
      failed.map(({ title, failureMessages }) => [title, failureMessages.join('\n')]),
    ),
  }
}

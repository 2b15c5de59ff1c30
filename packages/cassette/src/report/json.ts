import type { MigrationReport } from './report.ts'

/** The whole report as JSON, with nothing left out. */
export function renderJson(report: MigrationReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`
}

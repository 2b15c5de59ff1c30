import type { RunRecord } from './run-store.ts'

const RUN_ID = /^[0-9a-f]{32}$/

/** Whether it can name a run: 32 lower-case hexadecimal digits. Anything else reaches no engine. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text)
}

/** Throws `TypeError` for what no store takes. */
export function checkRecord({ runId, startedAt }: RunRecord): void {
  if (!isRunId(runId)) {
    throw new TypeError(`The run id is ${JSON.stringify(runId)}; expected 32 lower-case hexadecimal digits`)
  }
  if (Number.isNaN(Date.parse(startedAt))) {
    throw new TypeError(`"startedAt" is ${JSON.stringify(startedAt)}; expected an ISO 8601 time`)
  }
}

/**
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult
 * @typedef {{ numPassedTests: number, numFailedTests: number, testResults: FileResult[] }} Report
 * @typedef {{ passed: number, failed: number }} Tally
 */

/**
 * What a Vitest run amounts to. A test file that could not be loaded is one failure; so is anything else that
 * made Vitest fail outside a test (an unhandled error, no tests at all).
 *
 * @param {number | null} exitStatus
 * @param {Report | undefined} report of Vitest's JSON reporter
 * @returns {Tally}
 */
export function tallyOf(exitStatus, report) {
  if (!report) return { passed: 0, failed: 1 }
  const passed = report.numPassedTests
  const failed = report.numFailedTests + report.testResults.filter(isBrokenFile).length
  const somethingElse = failed === 0 && (exitStatus !== 0 || passed === 0)
  return { passed, failed: somethingElse ? 1 : failed }
}

/** @param {FileResult} file */
function isBrokenFile(file) {
  return file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
}

/** @param {Tally} tally */
export function tallyLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`
}

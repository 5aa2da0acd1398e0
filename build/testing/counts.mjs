/**
 * How many tests passed, failed and were skipped, from the JSON reports of Vitest and Playwright.
 * A runner that fails without naming a failed test, or leaves no report, counts as one failure: never as none.
 */
const NONE = { passed: 0, failed: 0, skipped: 0 }

export const addCounts = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** Vitest's `json` reporter (Jest's shape). A file that could not be run has no tests in it and is one failure. */
export function countVitest(report) {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** Playwright's `json` reporter. A test that passed only when repeated is a failure. */
export function countPlaywright({ stats }) {
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }
}

/** The report of check-leaks.mjs: each check is a test. */
export function countLeaks({ checks }) {
  const failed = checks.filter(({ problems }) => problems.length > 0).length
  return { passed: checks.length - failed, failed, skipped: 0 }
}

/** The counts of a part that has run. */
export function countPart({ code, report, count }) {
  if (!count) return code === 0 ? { ...NONE, passed: 1 } : { ...NONE, failed: 1 }
  const counts = report ? count(report) : NONE
  const hasRunNothing = counts.passed + counts.failed + counts.skipped === 0
  return (code !== 0 || hasRunNothing) && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

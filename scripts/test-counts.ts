import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const reportSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/** Tests that passed and failed in a whole run. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/**
 * The counts of a report of vitest's JSON reporter. A test file that fails outside its tests, by not loading for
 * instance, counts as one failure; so does a run that fails without naming a test.
 */
export function countTests(report: unknown): TestCounts {
  const { success, numPassedTests, numFailedTests, testResults } = reportSchema.parse(report);
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  const failed = numFailedTests + brokenFiles;
  return { passed: numPassedTests, failed: !success && failed === 0 ? 1 : failed };
}

const [, script, reportFile] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href && reportFile !== undefined) {
  const { passed, failed } = countTests(JSON.parse(readFileSync(reportFile, 'utf8')));
  console.log(`${passed} ${failed}`);
}

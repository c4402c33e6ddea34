import { describe, expect, it } from 'vitest';

import { countTests } from '../../scripts/test-counts.js';

const file = (status: string, ...tests: string[]): unknown => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

describe('countTests', () => {
  it('gives the counts of a run that passes', () => {
    const report = {
      success: true,
      numPassedTests: 2,
      numFailedTests: 0,
      testResults: [file('passed', 'passed', 'passed')],
    };
    expect(countTests(report)).toEqual({ passed: 2, failed: 0 });
  });

  it('counts a file that did not load beside the tests that failed', () => {
    const testResults = [file('failed', 'passed', 'failed'), file('failed')];
    const report = { success: false, numPassedTests: 1, numFailedTests: 1, testResults };
    expect(countTests(report)).toEqual({ passed: 1, failed: 2 });
  });

  it('never gives a failing run without a failure', () => {
    const report = { success: false, numPassedTests: 1, numFailedTests: 0, testResults: [file('passed', 'passed')] };
    expect(countTests(report)).toEqual({ passed: 1, failed: 1 });
  });

  it('refuses a report of another form', () => {
    expect(() => countTests({ success: true })).toThrow();
  });
});

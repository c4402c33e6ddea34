import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

import { manifest, temporaryTree } from './temporary-tree.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** A test report as vitest writes it, with one test of the given status. */
function report(status: 'passed' | 'failed'): string {
  const failed = status === 'failed' ? 1 : 0;
  const testResults = [{ status, assertionResults: [{ status }] }];
  return JSON.stringify({ success: failed === 0, numPassedTests: 1 - failed, numFailedTests: failed, testResults });
}

/** Runs .ci/run in a tree whose npm is the given shell script; `$REPORT` is where the test report belongs. */
async function runWith(npm: string): Promise<{ root: string; status: number | null; lines: string[] }> {
  const prologue = '#!/usr/bin/env bash\nfor REPORT in "$@"; do REPORT="${REPORT#*=}"; done\n';
  const root = temporaryTree({ 'package.json': manifest(), '.ci/run': '', 'scripts/x': '', 'bin/npm': prologue + npm });
  copyFileSync(path.join(ROOT, '.ci/run'), path.join(root, '.ci/run'));
  copyFileSync(path.join(ROOT, 'scripts/test-counts.ts'), path.join(root, 'scripts/test-counts.ts'));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  for (const program of ['.ci/run', 'bin/npm']) chmodSync(path.join(root, program), 0o755);
  const child = spawn(path.join(root, '.ci/run'), {
    env: { ...process.env, PATH: `${path.join(root, 'bin')}:${process.env['PATH'] ?? ''}` },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { root, status, lines: output.trimEnd().split('\n') };
}

it('ends with the counts of the tests, and keeps the output of every step', async () => {
  const { root, status, lines } = await runWith(
    `echo "output of $1"; [ "$1" != test ] || echo '${report('passed')}' > "$REPORT"`,
  );
  expect([status, lines.at(-1)]).toEqual([0, '1 passed, 0 failed']);
  expect(readFileSync(path.join(root, '.ci/test.log'), 'utf8')).toBe('output of test\n');
});

it('counts a failing test once, although its step fails too', async () => {
  const { status, lines } = await runWith(`[ "$1" != test ] || { echo '${report('failed')}' > "$REPORT"; exit 1; }`);
  expect([status, lines.at(-1)]).toEqual([1, '0 passed, 1 failed']);
});

it('counts failing checks as a failure, and runs the tests nevertheless', async () => {
  const { status, lines } = await runWith(
    `[ "$2" != check ] || exit 1; [ "$1" != test ] || echo '${report('passed')}' > "$REPORT"`,
  );
  expect([status, lines.at(-1)]).toEqual([1, '1 passed, 1 failed']);
});

it('stops after an installation that fails', async () => {
  const { root, status, lines } = await runWith('exit 7');
  expect([status, lines.at(-1)]).toEqual([1, '0 passed, 1 failed']);
  expect(existsSync(path.join(root, '.ci/test.log'))).toBe(false);
});

it('counts a test run that breaks without a report', async () => {
  const { status, lines } = await runWith('[ "$1" != test ]');
  expect([status, lines.at(-1)]).toEqual([1, '0 passed, 1 failed']);
});

it('ends what a step leaves behind', async () => {
  const { root } = await runWith(
    `sleep 600 >/dev/null 2>&1 & echo $! >> "$(dirname "$0")/left"; [ "$1" != test ] || echo '${report('passed')}' > "$REPORT"`,
  );
  const left = readFileSync(path.join(root, 'bin/left'), 'utf8').trim().split('\n');
  expect(left).toHaveLength(7); // install, check, test, acceptance, bridge, fuzz, page
  for (const id of left) expect(isRunning(Number(id))).toBe(false);
});

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
  } catch {
    return false;
  }
  // A process that ended but was not collected yet still has its id.
  const state = `/proc/${id}/stat`;
  return !existsSync(state) || !readFileSync(state, 'utf8').includes(') Z ');
}

import { existsSync } from 'node:fs';
import path from 'node:path';

import type { CheckResult, Finding } from './finding.js';
import { listFiles, readSource } from './source-files.js';

interface Ban {
  readonly pattern: RegExp;
  readonly rule: string;
  readonly wayOut: string;
}

const CODE_BANS: readonly Ban[] = [
  { pattern: /\b(TODO|FIXME|XXX)\b/, rule: 'a note to do it later', wayOut: 'do it, or open an issue' },
  { pattern: /eslint-disable/, rule: 'the linter is silenced', wayOut: 'change the code or, for everyone, the rule' },
  { pattern: /@ts-(ignore|expect-error|nocheck)/, rule: 'the compiler is silenced', wayOut: 'make the types true' },
  { pattern: /\.only\(/, rule: 'a test that hides all others', wayOut: 'run one test with vitest -t instead' },
  { pattern: /\b(it|test|describe)(\.\w+)*\.(skip|todo)\(/, rule: 'a skipped test', wayOut: 'mend or remove it' },
];

const PATH_BAN: Ban = {
  pattern: /(?<![\w.~/:-])\/(home|Users|root|work)\/[\w.-]/,
  rule: "an absolute path of somebody's machine",
  wayOut: 'use a path relative to the repository or a temporary folder',
};

/** Data that shows how others write, and what a generator wrote. */
const NOT_OURS = /^(test\/fixtures|src\/formats\/onnx\/generated|proto\/onnx)\//;
/** These two name what is banned. */
const EXEMPT: ReadonlySet<string> = new Set(['scripts/check-hygiene.ts', 'test/scripts/check-hygiene.test.ts']);
const CODE_ENDINGS = ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.py', '.proto'];
const TEXT_ENDINGS = [...CODE_ENDINGS, '.md', '.json', '.yaml', '.yml', '.sh'];

/** Finds what must not reach the repository: silenced tools, skipped tests, notes to do it later, private paths. */
export function checkHygiene(root: string): CheckResult {
  const code = ['src', 'page/src', 'test', 'scripts', 'python', 'examples', 'benchmarks'].flatMap((folder) =>
    listFiles(root, folder, CODE_ENDINGS),
  );
  const texts = listFiles(root, '', TEXT_ENDINGS).filter(
    (file) => !/^((page\/)?dist|coverage)\/|^package-lock/.test(file),
  );
  const counts = (file: string): boolean => !NOT_OURS.test(file) && !EXEMPT.has(file);
  const findings = [
    ...code.filter(counts).flatMap((file) => findBans(root, file, CODE_BANS)),
    ...texts.filter(counts).flatMap((file) => findBans(root, file, [PATH_BAN])),
    ...checkLock(root),
  ];
  return { findings, notes: [] };
}

function findBans(root: string, file: string, bans: readonly Ban[]): Finding[] {
  return readSource(root, file)
    .split('\n')
    .flatMap((text, index) =>
      bans
        .filter(({ pattern }) => pattern.test(text))
        .map(({ rule, wayOut }) => ({ file, line: index + 1, rule, wayOut })),
    );
}

/** A lock file with addresses installs from the registry of whoever wrote it, not from the reader's own. */
function checkLock(root: string): Finding[] {
  const file = 'package-lock.json';
  if (!existsSync(path.join(root, file))) return [];
  const index = readSource(root, file)
    .split('\n')
    .findIndex((line) => /"resolved":\s*"[a-z+]+:/.test(line));
  if (index < 0) return [];
  const wayOut = 'remove every "resolved" line; .npmrc keeps npm from writing them again';
  return [{ file, line: index + 1, rule: 'the lock names a registry host', wayOut }];
}

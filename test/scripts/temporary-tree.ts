import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

import type { Finding } from '../../scripts/finding.js';

/** A temporary repository with the given files and a package.json; it goes when the test ends. */
export function temporaryTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'isovec-gates-'));
  onTestFinished(() => {
    rmSync(root, { recursive: true });
  });
  for (const [file, text] of Object.entries({ 'package.json': manifest(), ...files })) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
}

/** A package.json called isovec, with the given fields besides. */
export function manifest(fields: Readonly<Record<string, unknown>> = {}): string {
  const all = { name: 'isovec', version: '1.0.0', license: 'MIT', type: 'module', exports: {}, ...fields };
  return JSON.stringify(all, null, 2);
}

/** Findings as `file:line rule`, easy to compare. */
export function asLines(findings: readonly Finding[]): string[] {
  return findings.map(({ file, line, rule }) => `${file}${line === undefined ? '' : `:${line}`} ${rule}`);
}

import type { CheckResult, Finding } from './finding.js';
import { listFiles, readSource } from './source-files.js';

const LINE_CAP = 400;
const GENERATED = 'src/formats/onnx/generated/';
const VAGUE_NAMES: ReadonlySet<string> = new Set(['util', 'utils', 'helper', 'helpers', 'manager', 'misc']);
const VAGUE_WHOLE_NAMES: ReadonlySet<string> = new Set(['common', 'types', 'type', 'shared-types']);
/** `index.ts`, `top-k.ts`, `top-k.test.ts`, `1d-table.ts`: lower-case words joined by hyphens, then a known role. */
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|config))?$/;

/** Holds files to the line cap and to names that say what is inside. */
export function checkSize(root: string): CheckResult {
  const sources = listFiles(root, 'src', ['.ts']).filter((file) => !file.startsWith(GENERATED));
  const capped = [
    ...sources,
    ...listFiles(root, 'page/src', ['.ts', '.tsx']),
    ...listFiles(root, 'python', ['.py']),
    ...listFiles(root, 'scripts', ['.ts']),
  ];
  const findings: Finding[] = [];
  const lengths = new Map<string, number>();

  for (const file of capped) {
    const lines = countLines(readSource(root, file));
    lengths.set(file, lines);
    if (lines > LINE_CAP) {
      findings.push({
        file,
        rule: `${lines} lines, the cap is ${LINE_CAP}`,
        wayOut: 'split it by idea, one file each; a file that resists has more than one reason to change',
      });
    }
  }
  const named = [...capped, ...listFiles(root, 'test', ['.ts'])].filter((file) => !file.startsWith('test/fixtures/'));
  for (const file of named) findings.push(...checkName(file));

  const sorted = sources.map((file) => lengths.get(file) ?? 0).sort((a, b) => a - b);
  return {
    findings,
    notes: [`${sources.length} source files: median ${at(sorted, 0.5)} lines, 90th percentile ${at(sorted, 0.9)}`],
  };
}

function checkName(file: string): Finding[] {
  const python = file.endsWith('.py');
  // Python's own convention is snake_case, and its package files begin and end with underscores.
  const names = file.split('/').map((segment) => segment.replace(python ? /\.py$/ : /\.tsx?$/, ''));
  const spelled = python ? names.map((name) => name.replaceAll(/^_+|_+$/g, '').replaceAll('_', '-')) : names;
  return spelled.flatMap((name): Finding[] => {
    const stem = name.replace(/\.(test|bench)$/, '');
    if (!KEBAB_CASE.test(name)) {
      return [{ file, rule: `'${name}' is not kebab-case`, wayOut: 'use lower-case words joined by hyphens' }];
    }
    if (VAGUE_WHOLE_NAMES.has(stem) || VAGUE_NAMES.has(stem.split('-').at(-1) ?? '')) {
      return [{ file, rule: `'${stem}' says nothing about the content`, wayOut: 'name it after its main export' }];
    }
    return [];
  });
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

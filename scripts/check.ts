import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

import { checkDocs } from './check-docs.js';
import { checkExports } from './check-exports.js';
import { checkHygiene } from './check-hygiene.js';
import { checkLayers } from './check-layers.js';
import { checkSize } from './check-size.js';
import { type CheckResult, formatFinding } from './finding.js';
import { runNode } from './run-child.js';

/** What one gate says: nothing to object to, or the text that explains what to mend. */
interface Verdict {
  readonly passed: boolean;
  readonly note: string;
  readonly details: string;
}

const root = path.resolve(import.meta.dirname, '..');
const binSchema = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

/** The gates in the order of what they cost to misread: form, then types, then the house's own rules. */
const GATES: readonly (readonly [name: string, run: () => Promise<Verdict>])[] = [
  ['format', () => tool('prettier', ['--check', '--log-level', 'warn', '.'])],
  ['lint', () => tool('eslint', ['.', '--max-warnings', '0'])],
  ['types', () => compiles('tsconfig.json', 'page/tsconfig.json')],
  ['layers', () => own(() => checkLayers(root))],
  ['sizes', () => own(() => checkSize(root))],
  ['exports', () => own(() => checkExports(root))],
  ['docs', () => own(() => checkDocs(root))],
  ['hygiene', () => own(() => checkHygiene(root))],
  ['unused', () => tool('knip', ['--no-progress'])],
];

/** Runs a development tool by the Node that runs this script. */
async function tool(name: string, args: readonly string[], command: string = name): Promise<Verdict> {
  const folder = path.join(root, 'node_modules', name);
  const { bin } = binSchema.parse(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')));
  const program = typeof bin === 'string' ? bin : bin[command];
  if (program === undefined) throw new Error(`${name} has no command ${command}`);
  const { status, output } = await runNode(root, [path.join(folder, program), ...args]);
  return { passed: status === 0, note: '', details: output };
}

/** Whether projects compile: the tree, and the page, whose globals are those of a browser. */
async function compiles(...projects: readonly string[]): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const project of projects) verdicts.push(await tool('typescript', ['--noEmit', '-p', project], 'tsc'));
  return {
    passed: verdicts.every(({ passed }) => passed),
    note: '',
    details: verdicts.map(({ details }) => details).join('\n'),
  };
}

async function own(check: () => CheckResult | Promise<CheckResult>): Promise<Verdict> {
  const { findings, notes } = await check();
  return { passed: findings.length === 0, note: notes.join('; '), details: findings.map(formatFinding).join('\n') };
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !GATES.some(([gate]) => gate === name));
if (unknown.length > 0) {
  console.error(`No gate is called ${unknown.join(', ')}. There are: ${GATES.map(([name]) => name).join(', ')}.`);
  process.exit(2);
}

let failed = 0;

/** Runs a gate and prints what it says. */
async function judge([name, run]: (typeof GATES)[number]): Promise<void> {
  const start = performance.now();
  const verdict = await run().catch((error: unknown): Verdict => {
    return {
      passed: false,
      note: '',
      details: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  const note = verdict.note === '' ? '' : `  ${verdict.note}`;
  console.log(`${verdict.passed ? 'ok    ' : 'FAILED'} ${name.padEnd(8)} ${seconds} s${note}`);
  if (!verdict.passed) {
    failed += 1;
    console.log(`${verdict.details.trimEnd().replaceAll(/^/gm, '    ')}\n`);
  }
}

const gates = GATES.filter(([name]) => wanted.length === 0 || wanted.includes(name));
// It takes as long as all the others together, and runs beside them.
const longest = gates.find(([name]) => name === 'lint');
const alongside = longest === undefined ? undefined : judge(longest);
for (const gate of gates) if (gate !== longest) await judge(gate);
await alongside;
if (failed > 0) {
  console.log(`${failed} of the gates failed. \`npm run fix\` mends format, lint and generated documents.`);
  process.exitCode = 1;
}

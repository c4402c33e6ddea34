import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { ACCEPTANCE_CACHE, pythonEnvironment } from './python-environment.js';
import { compareBridge } from './compare-bridge.js';
import { runStep } from './run-step.js';

// The Python side of the bridge: its own tests, linter and types; then its backends beside this process, on the golden texts and the
// tiny checkpoints: vectors within 1e-6, token ids the same. `npm run test:bridge` installs PyTorch and runs it all; with `-- --short`,
// as CI does, PyTorch is left out unless the environment is there. python3 with pip is needed.

const FOLDER = path.resolve(import.meta.dirname, '../../python');
const packagesOf = (name: string): string[] =>
  readFileSync(path.join(FOLDER, 'requirements', `${name}.txt`), 'utf8')
    .split('\n')
    .filter((line) => /^\w/.test(line));
const withoutTorch = [...new Set([...packagesOf('onnx'), ...packagesOf('development')])];
const withTorch = [...new Set([...withoutTorch, ...packagesOf('torch')])];

const isShort = process.argv.includes('--short');
const hasTorch = !isShort || process.env['ISOVEC_TEST_TORCH'] === '1';
if (!hasTorch) console.log('torch: NOT RUN; npm run test:bridge installs PyTorch and runs it');
const { python, program } = await pythonEnvironment(hasTorch ? withTorch : withoutTorch);
await runStep(program('ruff'), ['check', FOLDER]);
await runStep(program('ruff'), ['format', '--check', FOLDER]);
// What is not installed has no types.
const missing = hasTorch ? [] : ['--disable-error-code', 'import-not-found'];
const caches = ['--cache-dir', path.join(ACCEPTANCE_CACHE, 'mypy')];
await runStep(program('mypy'), ['--strict', ...missing, ...caches, path.join(FOLDER, 'isovec_bridge')]);
await runStep(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', path.join(FOLDER, 'tests')]);
const tiny = path.resolve(import.meta.dirname, '../fixtures/tiny');
await compareBridge({
  python,
  cache: path.join(ACCEPTANCE_CACHE, 'bridge'),
  backends: hasTorch ? ['onnx', 'torch'] : ['onnx'],
  tiny: readdirSync(tiny)
    .filter((name) => name.startsWith('bert-'))
    .map((name) => path.join(tiny, name)),
  texts: isShort ? 60 : Infinity,
});

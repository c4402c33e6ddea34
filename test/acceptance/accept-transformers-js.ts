import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { convertReferences } from './portable-references.js';
import { runStep } from './run-step.js';

// Whether transformers.js loads a portable folder offline and gives Python's vectors. `npm run test:transformers-js`
// runs it (with `-- --short`, on fewer texts). The library is half a gigabyte with its own engine, so it is no dependency: it is installed into a cache.

const PACKAGE = '@huggingface/transformers@4.3.1';
const cache = path.resolve(import.meta.dirname, '../../.cache/acceptance');
const installation = path.join(cache, PACKAGE.slice(1).replace('/', '-'));

if (!existsSync(path.join(installation, 'complete'))) {
  await mkdir(installation, { recursive: true });
  await writeFile(path.join(installation, 'package.json'), '{ "private": true }');
  await runStep('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', PACKAGE], installation);
  await writeFile(path.join(installation, 'complete'), '');
}
const references = await convertReferences(path.join(cache, 'portable'), process.argv.includes('--short'));
const manifest = path.join(cache, 'references.json');
await writeFile(manifest, JSON.stringify(references));
const script = path.join(import.meta.dirname, 'transformers-js.mjs');
await runStep(process.execPath, [script, path.join(installation, 'package.json'), manifest]);

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { publishedModules } from '../../scripts/published-modules.js';
import { listFiles } from '../../scripts/source-files.js';

/** Read by people before they install, and by npm. */
const AT_THE_TOP = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
/** What the reference vectors of one model are kept in; `isovec validate` reads all of them. */
const VALIDATION_FILES = ['expectation.json', 'texts.jsonl', 'tokens.jsonl', 'vectors.f32', 'remainders.f32'];

/**
 * The files that the package of the repository at `root` must hold, sorted. By rule, so that a new source needs no
 * entry here, while anything of a new kind (a map, a test, a record of the compiler, a file left in data/) is told.
 */
export function expectedFiles(root: string): string[] {
  const models = readdirSync(path.join(root, 'data/validation'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return [
    ...AT_THE_TOP,
    ...publishedModules(root),
    ...listFiles(root, 'proto/akidb', ['.proto']),
    ...listFiles(root, 'proto/tei', ['.proto']),
    ...listFiles(root, 'python/isovec_bridge', ['.py']),
    ...['README.md', 'requirements/onnx.txt', 'requirements/torch.txt'].map((file) => `python/${file}`),
    'data/catalogue.json',
    'data/command-line-help.json',
    ...['README.md', 'calibration.jsonl', 'evaluation.jsonl'].map((file) => `data/int8/${file}`),
    'data/isovec.config.schema.json',
    'data/memory/cognitive-lexicon.json',
    ...pageFiles(root),
    ...models.flatMap((model) => VALIDATION_FILES.map((file) => `data/validation/${model}/${file}`)),
  ].sort();
}

/** The documents of the playground and of the API reference, and what they name; nothing else there is ever asked for. */
function pageFiles(root: string): string[] {
  const documents = ['index.html', 'docs.html'];
  const named = documents.flatMap((document) => {
    const page = readFileSync(path.join(root, 'page/dist', document), 'utf8');
    return [...page.matchAll(/ (?:src|href)="\.\/([^"]+)"/g)].map(([, file = '']) => file);
  });
  return [...new Set([...documents, ...named])].map((file) => `page/dist/${file}`);
}

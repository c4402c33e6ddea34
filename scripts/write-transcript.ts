import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { runTranscript } from './transcript.js';

// Runs the commands of README.md and writes what they print into it.

const root = path.resolve(import.meta.dirname, '..');
const readme = path.join(root, 'README.md');
const commandLine = path.join(root, 'dist/cli/main.js');
await writeFile(readme, await runTranscript(await readFile(readme, 'utf8'), commandLine));
console.log('wrote README.md');

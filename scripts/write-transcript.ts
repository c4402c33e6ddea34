import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { runTranscript, TRANSCRIPTS } from './transcript.js';

// Runs the commands of the documents that have such, or of those that are named, and writes what they print into them.

const root = path.resolve(import.meta.dirname, '..');
const commandLine = path.join(root, 'dist/cli/main.js');
const named = process.argv.slice(2);
for (const file of named.length > 0 ? named : TRANSCRIPTS) {
  const location = path.join(root, file);
  await writeFile(location, await runTranscript(await readFile(location, 'utf8'), commandLine));
  console.log(`wrote ${file}`);
}

#!/usr/bin/env node
import process from 'node:process';
import { runCommandLine } from './run-command-line.js';

const exitCode = await runCommandLine(process.argv.slice(2));
// Standard error may be a pipe that is written later; a timer or an open input must not keep the process.
process.stderr.write('', () => {
  process.exit(exitCode);
});

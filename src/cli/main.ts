#!/usr/bin/env node
import process from 'node:process';
import { runCommandLine } from './run-command-line.js';

/** What is still open when the work is over gets so long to end by itself. */
const LINGER_MILLISECONDS = 5_000;

const exitCode = await runCommandLine(process.argv.slice(2));
// The process ends by itself: exiting while threads are inside native code, as after a failed load, would abort it.
process.exitCode = exitCode;
setTimeout(() => {
  process.exit(exitCode);
}, LINGER_MILLISECONDS).unref();

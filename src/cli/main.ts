#!/usr/bin/env node
import module from 'node:module';
import process from 'node:process';
import { storedHelp } from './stored-help.js';

/** What is still open when the work is over gets so long to end by itself. */
const LINGER_MILLISECONDS = 5_000;

/** Commands that load a model when their arguments are right. */
const LOADS_MODEL: ReadonlySet<string | undefined> = new Set(['embed', 'similarity', 'search', 'serve', 'demo']);

const args = process.argv.slice(2);
const help = storedHelp(args);
if (help === undefined) await work();
else printHelp(help);

function printHelp(text: string): void {
  // A reader that leaves, as `head` does, is no failure.
  process.stdout.on('error', () => undefined);
  process.stdout.write(text);
}

async function work(): Promise<void> {
  keepCompiledCode();
  // Only what is imported after that is kept.
  if (LOADS_MODEL.has(args[0])) {
    // The engine loads on a thread of its own, which takes as long as loading the command line and finding the model.
    const { startEngine } = await import('../engine/start-engine.js');
    startEngine();
  }
  const { runCommandLine } = await import('./run-command-line.js');
  const exitCode = await runCommandLine(args);
  // The process ends by itself: exiting while threads are inside native code, as after a failed load, would abort it.
  process.exitCode = exitCode;
  setTimeout(() => {
    process.exit(exitCode);
  }, LINGER_MILLISECONDS).unref();
}

/** Keeps compiled code between runs where Node can do that, which is from 22.1 on. */
function keepCompiledCode(): void {
  const enable: unknown = 'enableCompileCache' in module ? module.enableCompileCache : undefined;
  if (typeof enable === 'function') Reflect.apply(enable, module, []);
}

import { readFileSync } from 'node:fs';
import process from 'node:process';

/** Written by `npm run docs` from the commands' own definitions; the same relative path leads from src/cli and dist/cli. */
const FILE = new URL('../../data/command-line-help.json', import.meta.url);
/** The stored texts are for this width, which is the widest that help is written for. */
const COLUMNS = 80;
const HELP_FLAGS: ReadonlySet<string | undefined> = new Set(['--help', '-h']);

/**
 * The help that a command line asks for, if it asks for nothing else and the terminal is as wide as help is written;
 * undefined otherwise. Somebody who asks for help waits for it: the definitions of all commands take longer to load than
 * Node takes to start.
 */
export function storedHelp(args: readonly string[]): string | undefined {
  const command = args.slice(0, -1);
  const isNarrow = process.stdout.isTTY && process.stdout.columns < COLUMNS;
  if (isNarrow || !HELP_FLAGS.has(args.at(-1)) || command.some((word) => word.startsWith('-'))) return undefined;
  try {
    const texts = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, unknown>>;
    const text = Object.hasOwn(texts, command.join(' ')) ? texts[command.join(' ')] : undefined;
    return typeof text === 'string' ? text : undefined;
  } catch {
    // The commands know their help themselves.
    return undefined;
  }
}

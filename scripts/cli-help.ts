import { existsSync } from 'node:fs';
import path from 'node:path';

import { runNode } from './run-child.js';

const MAIN = 'dist/cli/main.js';

/** What the help of one command lists. */
export interface CommandHelp {
  readonly commands: ReadonlySet<string>;
  readonly options: ReadonlySet<string>;
}

/** Reads the command line's own help, each command once. */
export class CliHelp {
  readonly #root: string;
  readonly #known = new Map<string, Promise<CommandHelp>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether there is a built command line to ask. */
  get available(): boolean {
    return existsSync(path.join(this.#root, MAIN));
  }

  /** The help of a command such as `['models', 'list']`; of the program itself for an empty list. */
  of(command: readonly string[]): Promise<CommandHelp> {
    const key = command.join(' ');
    const known = this.#known.get(key) ?? this.#read(command);
    this.#known.set(key, known);
    return known;
  }

  async #read(command: readonly string[]): Promise<CommandHelp> {
    const { status, output } = await runNode(this.#root, [MAIN, ...command, '--help']);
    if (status !== 0) throw new Error(`\`isovec ${[...command, '--help'].join(' ')}\` ends with ${status}: ${output}`);
    return parseHelp(output);
  }
}

/** Commands and long options of a help text in commander's layout: headings, then entries indented by two. */
function parseHelp(help: string): CommandHelp {
  const commands = new Set<string>();
  const options = new Set<string>();
  let heading = '';
  for (const line of help.split('\n')) {
    if (/^\S.*:$/.test(line)) heading = line;
    const entry = /^ {2}(\S.*)$/.exec(line)?.[1];
    if (entry === undefined) continue;
    if (entry.startsWith('-')) {
      const flags = entry.split(/ {2,}/)[0] ?? '';
      for (const [flag] of flags.matchAll(/(?<![\w-])--?[a-zA-Z][\w-]*/g)) options.add(flag);
    } else if (/commands:$/i.test(heading)) {
      for (const name of entry.split(/\s/)[0]?.split('|') ?? []) commands.add(name);
    }
  }
  return { commands, options };
}

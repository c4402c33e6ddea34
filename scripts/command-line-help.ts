import type { Command } from 'commander';

import { createProgram } from '../src/cli/program.js';

/** The help of every command at 80 columns, by the command's words; that of the program under the empty name. */
export function commandLineHelp(): Readonly<Record<string, string>> {
  const program = createProgram(() => Promise.resolve());
  return Object.fromEntries(helpTexts(program, []));
}

function helpTexts(command: Command, words: readonly string[]): [name: string, text: string][] {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  const inner = command.commands.flatMap((one) => helpTexts(one, [...words, one.name()]));
  return [[words.join(' '), text], ...inner];
}

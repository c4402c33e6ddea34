import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { flagsOf } from '../configuration/flag.js';
import { DEFAULT_MODEL } from '../model-flags.js';
import { wrapText } from '../text/wrap-text.js';
import type { Settings } from './given-settings.js';

const INDENT = '    ';
const PRECEDENCE =
  'A flag on the command line comes first, then the environment, then this file. An editor completes its keys by the schema that it names.';

/** What was written, each setting with what it does, and what to do next. */
export function explainSettings(
  file: string,
  { serve = {}, ...all }: Settings,
  command: Command,
  { columns, style }: Pick<CommandContext, 'columns' | 'style'>,
): string[] {
  const flags = flagsOf(command);
  const wrap = (text: string): string => wrapText(text, columns - INDENT.length, INDENT);
  const told = (prefix: string, values: Readonly<Record<string, unknown>>): string[] =>
    Object.entries(values).flatMap(([key, value]) => {
      const description = flags.get(key)?.option.description.replace(/ \(default.*$/, '') ?? '';
      return [`  ${style.bold(prefix + key)} = ${JSON.stringify(value)}`, `${INDENT}${wrap(description)}`];
    });
  const { model = DEFAULT_MODEL } = all;
  return [
    `Wrote ${file}`,
    ...told('', all),
    ...told('serve.', serve),
    '',
    wrapText(PRECEDENCE, columns),
    ...(serve['modelsFile'] === undefined
      ? [wrapText('isovec serve takes its models from its command line or from --models-file.', columns)]
      : []),
    '',
    'Next:',
    `  isovec pull ${String(model)}`,
    '  isovec doctor',
  ];
}

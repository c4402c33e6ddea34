import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandContext, OutputFlags } from '../command-context.js';
import { checkConfiguration } from '../configuration/check-configuration.js';
import { CONFIGURATION_NAME } from '../configuration/configuration-file.js';
import type { ExitCode } from '../exit-codes.js';
import { writeTextFile } from '../output/write-text-file.js';
import { askSettings } from './ask-settings.js';
import { explainSettings } from './explain-settings.js';
import { givenSettings } from './given-settings.js';
import { schemaAddress } from './schema-address.js';

/** Flags of `isovec init` beside those that it writes down. */
export interface InitFlags extends OutputFlags {
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** Writes a configuration file of what stands on the command line, or is answered on a terminal. CONFIG_INVALID. */
export async function init(
  folder: string,
  flags: InitFlags,
  command: Command,
  context: CommandContext,
): Promise<ExitCode> {
  const file = path.resolve(folder, CONFIGURATION_NAME);
  if (existsSync(file) && flags.force !== true) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `${file} is there already. Change it by hand, or replace it with --force.`,
      {
        data: { file },
      },
    );
  }
  const given = givenSettings(command, path.dirname(file));
  const silent = flags.yes === true || flags.quiet === true || context.json;
  const settings = await askSettings(given, silent, context.signal);
  const values = { $schema: schemaAddress(path.dirname(file)), ...settings };
  // What init writes is held to what every command asks of the file.
  checkConfiguration({ path: file, values }, command.parent ?? command);
  await writeTextFile(file, `${JSON.stringify(values, undefined, 2)}\n`);
  if (context.json) await context.output.json({ file, values });
  else for (const line of explainSettings(file, settings, command, context)) await context.output.line(line);
  return 0;
}

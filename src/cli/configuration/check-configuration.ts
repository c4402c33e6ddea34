import path from 'node:path';
import type { Command } from 'commander';
import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import { type Flag, flagsOf, leafCommands } from './flag.js';
import { valueOfMember } from './flag-value.js';
import type { ConfigurationFile } from './configuration-file.js';
import { likelyMeant } from './likely-meant.js';

/** Names the schema for editors; it sets nothing. */
const SCHEMA_KEY = '$schema';

/**
 * Checks a whole configuration file against the commands: every key must be the name of a command or of a flag that a
 * command there has, with a value that one of these flags takes. CONFIG_INVALID naming file, key and rule.
 */
export function checkConfiguration(file: ConfigurationFile, program: Command): void {
  const { [SCHEMA_KEY]: schema, ...values } = file.values;
  if (schema !== undefined && typeof schema !== 'string') {
    throw invalidMember(file, [SCHEMA_KEY], 'It must be a text, the address of a schema.');
  }
  checkSection(file, values, program, []);
}

function checkSection(file: ConfigurationFile, section: JsonObject, command: Command, above: readonly string[]): void {
  // A section that holds only sections of commands needs none of the flags, which are many.
  let known: readonly Flag[] | undefined;
  const flags = (): readonly Flag[] => (known ??= leafCommands(command).flatMap((leaf) => [...flagsOf(leaf).values()]));
  for (const [key, value] of Object.entries(section)) {
    const keys = [...above, key];
    const inner = command.commands.find((one) => one.name() === key);
    if (inner === undefined) {
      const named = flags().filter((flag) => flag.key === key);
      if (named.length === 0) throw unknownKey(file, keys, command, flags());
      checkValue(file, keys, value, named);
    } else {
      if (!isJsonObject(value)) throw invalidMember(file, keys, 'It must be an object with settings of that command.');
      checkSection(file, value, inner, keys);
    }
  }
}

/** Commands may take different values for a flag of one name; the one that runs judges for itself. */
function checkValue(file: ConfigurationFile, keys: readonly string[], value: unknown, flags: readonly Flag[]): void {
  let rule: string | undefined;
  for (const flag of flags) {
    try {
      valueOfMember(flag, value, path.dirname(file.path));
      return;
    } catch (error) {
      rule ??= errorMessage(error);
    }
  }
  throw invalidMember(file, keys, rule ?? '');
}

/** The error for a member of a configuration file that breaks a rule. */
export function invalidMember(file: ConfigurationFile, keys: readonly string[], rule: string): IsovecError {
  const key = keys.join('.');
  return new IsovecError('CONFIG_INVALID', `${file.path}: ${JSON.stringify(key)} is not valid. ${rule}`, {
    data: { file: file.path, key },
  });
}

function unknownKey(
  file: ConfigurationFile,
  keys: readonly string[],
  command: Command,
  flags: readonly Flag[],
): IsovecError {
  const known = [...flags.map((flag) => flag.key), ...command.commands.map((inner) => inner.name())];
  const name = ['isovec', ...keys.slice(0, -1)].join(' ');
  const guess = likelyMeant(keys.at(-1) ?? '', known);
  const wayOut =
    guess === undefined ? `'${name} --help' lists what there is.` : `Did you mean ${JSON.stringify(guess)}?`;
  return invalidMember(file, keys, `It is neither a flag of ${name} nor a command. ${wayOut}`);
}

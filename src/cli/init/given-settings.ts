import path from 'node:path';
import type { Command } from 'commander';
import { IsovecError } from '../../shared/isovec-error.js';
import { flagsOf, placeholderOf } from '../configuration/flag.js';
import { isDatabaseAddress } from '../memory/database-address.js';

/** Members of a configuration file, by key. */
export interface Settings extends Readonly<Record<string, unknown>> {
  readonly serve?: Readonly<Record<string, unknown>>;
}

/** Flags of init that are about its own run. */
const OWN: ReadonlySet<string> = new Set(['yes', 'force', 'json', 'quiet', 'timing']);
/** Flags that are of the server alone. */
const OF_SERVER: ReadonlySet<string> = new Set(['host', 'port', 'grpcPort', 'apiKeyFile', 'modelsFile', 'withMemory']);

/**
 * What stands on the command line as members of a configuration file in `folder`, to which files and folders become relative.
 * CONFIG_INVALID for the address of a database with its password, which is no setting for a file that is shared.
 */
export function givenSettings(command: Command, folder: string): Settings {
  const all: Record<string, unknown> = {};
  const serve: Record<string, unknown> = {};
  for (const [key, { option }] of flagsOf(command)) {
    if (OWN.has(key) || command.getOptionValueSource(key) !== 'cli') continue;
    const value: unknown = command.getOptionValue(key);
    (OF_SERVER.has(key) ? serve : all)[key] = located(placeholderOf(option), value, folder);
  }
  return { ...all, ...(Object.keys(serve).length === 0 ? {} : { serve }) };
}

function located(placeholder: string, value: unknown, folder: string): unknown {
  if (typeof value !== 'string') return value;
  if (placeholder === 'place') return placeOf(value);
  const isModelFolder = placeholder === 'model' && /^\.{1,2}([\\/]|$)/.test(value);
  const isPath = ['file', 'folder', 'path'].includes(placeholder) && !['built-in', 'none', ''].includes(value);
  return isModelFolder || isPath ? relativeTo(folder, value) : value;
}

/** A file of memories is one wherever a command is started: nothing makes it relative to the configuration. */
function placeOf(store: string): string {
  if (!isDatabaseAddress(store)) return path.resolve(store);
  if (!URL.canParse(store) || new URL(store).password === '') return store;
  throw new IsovecError(
    'CONFIG_INVALID',
    'The password of the database would be in the file: leave it out of --store, and name a file that holds it with ISOVEC_MEMORY_PASSWORD_FILE.',
    { data: { option: 'store' } },
  );
}

function relativeTo(folder: string, location: string): string {
  if (path.isAbsolute(location)) return location;
  const relative = path.relative(folder, path.resolve(location)).split(path.sep).join('/');
  return relative.startsWith('..') ? relative : `./${relative}`;
}

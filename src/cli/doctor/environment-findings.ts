import type { Command } from 'commander';
import { ENVIRONMENT_VARIABLES } from '../../engine/settings.js';
import { flagsOf, leafCommands } from '../configuration/flag.js';
import { likelyMeant } from '../configuration/likely-meant.js';
import { COMMAND_LINE_VARIABLES } from '../model-flags.js';
import type { DoctorFinding } from './finding.js';
import { hideCredentials } from './hide-credentials.js';

/** Variables whose value is nobody's business: keys, a token, and texts. */
const SECRETS = /^(.*_(KEYS?|TOKEN)|ISOVEC_PROMPT)$/;

/**
 * The environment variables that are set and heeded, each with what it does, and those that look like ours and are
 * not; an empty one counts as absent.
 */
export function environmentFindings(
  environment: Readonly<Record<string, string | undefined>>,
  command: Command,
): DoctorFinding[] {
  const known = new Map([
    ...variablesOfFlags(command),
    ...Object.entries({ ...ENVIRONMENT_VARIABLES, ...COMMAND_LINE_VARIABLES }),
  ]);
  const isSet = (name: string): boolean => (environment[name] ?? '') !== '';
  const heeded = [...known].flatMap(([name, meaning]): DoctorFinding[] => {
    if (!isSet(name)) return [];
    const shown = SECRETS.test(name) ? 'set, hidden' : hideCredentials(environment[name] ?? '');
    return [{ name, status: 'ok', detail: `${shown} (${meaning})` }];
  });
  const strange = Object.keys(environment).filter(
    (name) => name.startsWith('ISOVEC_') && !known.has(name) && isSet(name),
  );
  return [...heeded, ...strange.map((name) => ignored(name, known.keys()))];
}

function ignored(name: string, known: Iterable<string>): DoctorFinding {
  const guess = likelyMeant(name, known);
  const wayOut = guess === undefined ? 'Unset it, or see --help for the flags.' : `Did you mean ${guess}?`;
  return { name, status: 'warn', detail: 'set, but nothing reads it', wayOut };
}

function variablesOfFlags(command: Command): [name: string, meaning: string][] {
  const root = command.parent ?? command;
  return leafCommands(root).flatMap((leaf) =>
    [...flagsOf(leaf).values()].map(({ variable, option }): [string, string] => [
      variable,
      `sets ${option.long ?? option.flags}`,
    ]),
  );
}

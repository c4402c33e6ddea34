import { ENVIRONMENT_VARIABLES } from '../../engine/settings.js';
import { COMMAND_LINE_VARIABLES } from '../model-flags.js';
import type { DoctorFinding } from './finding.js';
import { hideCredentials } from './hide-credentials.js';

/** Variables whose value is nobody's business. */
const SECRETS: ReadonlySet<string> = new Set(['HF_TOKEN']);

/** The environment variables that are set and heeded, each with what it does; an empty one counts as absent. */
export function environmentFindings(environment: Readonly<Record<string, string | undefined>>): DoctorFinding[] {
  const known = { ...ENVIRONMENT_VARIABLES, ...COMMAND_LINE_VARIABLES };
  return Object.entries(known).flatMap(([name, meaning]): DoctorFinding[] => {
    const value = environment[name];
    if (value === undefined || value === '') return [];
    const shown = SECRETS.has(name) ? 'set, hidden' : hideCredentials(value);
    return [{ name, status: 'ok', detail: `${shown} (${meaning})` }];
  });
}

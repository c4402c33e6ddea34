import type { Command } from 'commander';
import { processSurroundings } from '../configuration/configurable-command.js';
import { CONFIGURATION_NAME } from '../configuration/configuration-file.js';
import { configurationOf } from '../configuration/resolve-flags.js';
import type { DoctorFinding } from './finding.js';

/** The configuration file that is in force here; one that is wrong has ended the command before. */
export function configurationFindings(command: Command): DoctorFinding[] {
  const file = configurationOf(command, processSurroundings());
  const name = 'configuration';
  if (file === undefined) return [{ name, status: 'ok', detail: `no ${CONFIGURATION_NAME} is in force` }];
  const keys = Object.keys(file.values).filter((key) => key !== '$schema');
  return [{ name, status: 'ok', detail: `${file.path} (${keys.length === 0 ? 'empty' : keys.join(', ')})` }];
}

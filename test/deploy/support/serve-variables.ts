import { flagsOf } from '#src/cli/configuration/flag.js';
import { valueOfVariable } from '#src/cli/configuration/flag-value.js';
import { COMMAND_LINE_VARIABLES } from '#src/cli/model-flags.js';
import { createProgram } from '#src/cli/program.js';
import { parseDuration } from '#src/cli/parse-duration.js';
import { CLOSING_MILLISECONDS } from '#src/cli/serve/serve.js';
import { ENVIRONMENT_VARIABLES } from '#src/engine/settings.js';
import { expect } from 'vitest';

const serve = createProgram(() => Promise.resolve()).commands.find((command) => command.name() === 'serve');
if (serve === undefined) throw new Error('There is no command serve.');
const FLAGS = new Map([...flagsOf(serve).values()].map((flag) => [flag.variable, flag]));
const OTHERS: ReadonlySet<string> = new Set([
  ...Object.keys(ENVIRONMENT_VARIABLES),
  ...Object.keys(COMMAND_LINE_VARIABLES),
]);

/** Whether `isovec serve` reads each of these variables, and takes its value: by the definition of its command line. */
export function expectVariables(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const flag = FLAGS.get(name);
    if (flag === undefined) expect(OTHERS, `${name} is read by isovec serve`).toContain(name);
    else expect(valueOfVariable(flag, value), `${name}=${value}`).toMatchObject({ given: true });
  }
}

/** Seconds that `isovec serve` may take to end: what ISOVEC_GRACE says, and what it needs to close after that. */
export function secondsToEnd(variables: Readonly<Record<string, string>>): number {
  return (parseDuration(variables['ISOVEC_GRACE'] ?? '') + CLOSING_MILLISECONDS) / 1000;
}

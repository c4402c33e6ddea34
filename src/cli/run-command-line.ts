import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { type Command, CommanderError } from 'commander';
import { readSettings } from '../engine/settings.js';
import { IsovecError, toIsovecError } from '../shared/isovec-error.js';
import type { CommandRunner } from './command-context.js';
import { leafCommands } from './configuration/flag.js';
import { switchOf } from './configuration/flag-value.js';
import { EXIT_CODES, type ExitCode } from './exit-codes.js';
import { StandardOutput } from './output/standard-output.js';
import { Talk } from './output/talk.js';
import { terminalColumns } from './output/terminal-columns.js';
import { createProgram } from './program.js';
import { reportFailure } from './report-failure.js';
import { styleFor } from './text/style.js';
import { Timing, timingEvent, timingTable } from './timing.js';

/** Whoever interrupts is gone within a second, whatever the work is waiting for. */
const GRACE_MILLISECONDS = 600;

/** Parses and runs a command line (without the two words for the program); gives the exit status. */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  const stop = new AbortController();
  // Every call of the library listens, and there may be hundreds at once.
  setMaxListeners(0, stop.signal);
  const output = new StandardOutput(process.stdout, () => {
    stop.abort(new Error('nobody reads the output any more'));
  });
  // Nobody reads what is told: the work itself goes on.
  process.stderr.on('error', () => undefined);
  const allowGrace = watchSignals(stop);
  let exitCode: ExitCode = 0;
  const run: CommandRunner = async (flags, work) => {
    const timing = new Timing();
    const node = performance.nodeTiming.bootstrapComplete;
    timing.mark('command line read', { 'Node itself': node, isovec: performance.now() - node });
    const { env } = process;
    const columns = terminalColumns(process.stdout, env);
    const json = flags.json === true;
    const talk = await Talk.open(process.stderr, {
      quiet: flags.quiet === true,
      json,
      bars: process.stderr.isTTY && env['TERM'] !== 'dumb',
      columns: terminalColumns(process.stderr, env),
      style: await styleFor(process.stderr, env),
      dataOnTerminal: () => output.isTerminal && output.used,
    });
    const style = await styleFor(process.stdout, env);
    try {
      exitCode = await work({
        output,
        talk,
        style,
        columns,
        json,
        signal: stop.signal,
        allowGrace,
        environment: env,
        settings: readSettings(),
        timing,
      });
    } finally {
      talk.finish();
    }
    timing.mark('everything done');
    if (flags.timing !== true) return;
    if (json) talk.event(timingEvent(timing.steps));
    else talk.say(timingTable(timing.steps));
  };
  const program = createProgram(run);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (output.broken) return 0;
    const error = failureOf(thrown, stop.signal);
    if (error === undefined) return thrown instanceof CommanderError && thrown.exitCode !== 0 ? 2 : 0;
    await reportFailure(error, process.stderr, asksForJson(args, program), process.env);
    return EXIT_CODES[error.code];
  }
}

/** What to report; undefined for help and version, which are printed already. */
function failureOf(thrown: unknown, signal: AbortSignal): IsovecError | undefined {
  if (thrown instanceof CommanderError) {
    if (['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(thrown.code)) return undefined;
    const message = thrown.message.replace(/^error: /, '').replaceAll(/\s+/g, ' ');
    return new IsovecError('CONFIG_INVALID', `${sentence(message)} Add --help to the command to see what it takes.`);
  }
  return signal.aborted ? new IsovecError('ABORTED', 'Interrupted.', { cause: thrown }) : toIsovecError(thrown);
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.?!)]$/.test(text) ? text : `${text}.`;
}

/**
 * Whether errors are told as JSON: wherever the flag came from, if it is known by now; else by what the command line
 * and the environment hold. What follows `--` is text.
 */
function asksForJson(args: readonly string[], program: Command): boolean {
  if (leafCommands(program).some((command) => command.getOptionValue('json') === true)) return true;
  const end = args.indexOf('--');
  const flags = end < 0 ? args : args.slice(0, end);
  return flags.includes('--json') || switchOf(process.env['ISOVEC_JSON'] ?? '') === true;
}

/** Gives the function that lengthens the time which work has to end. */
function watchSignals(stop: AbortController): (milliseconds: number) => void {
  let grace = GRACE_MILLISECONDS;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) dieOf(name);
      stop.abort(new Error('interrupted'));
      setTimeout(dieOf, grace, name).unref();
    });
  }
  return (milliseconds) => {
    grace = milliseconds;
  };
}

/**
 * Ends the process as if it had never caught the signal, which shells report as 128 and its number: for the second
 * signal, and for work that does not stop. Exiting would first interrupt threads inside native code, which aborts.
 */
function dieOf(name: NodeJS.Signals): void {
  // Removes temporary files and ends children, which exiting would have done.
  process.emit('exit', EXIT_CODES.ABORTED);
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

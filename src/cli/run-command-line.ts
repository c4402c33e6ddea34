import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { CommanderError } from 'commander';
import { readSettings } from '../engine/settings.js';
import { IsovecError, toIsovecError } from '../shared/isovec-error.js';
import type { CommandRunner } from './command-context.js';
import { EXIT_CODES, type ExitCode } from './exit-codes.js';
import { StandardOutput } from './output/standard-output.js';
import { Talk } from './output/talk.js';
import { terminalColumns } from './output/terminal-columns.js';
import { createProgram } from './program.js';
import { reportFailure } from './report-failure.js';
import { styleFor } from './text/style.js';

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
  watchSignals(stop);
  let exitCode: ExitCode = 0;
  const run: CommandRunner = async (flags, work) => {
    const { env } = process;
    const columns = terminalColumns(process.stdout, env);
    const quiet = flags.quiet === true;
    const talkStyle = await styleFor(process.stderr, env);
    const talk = await Talk.open(process.stderr, {
      quiet,
      columns: terminalColumns(process.stderr, env),
      style: talkStyle,
      dataOnTerminal: output.isTerminal,
    });
    const style = await styleFor(process.stdout, env);
    const json = flags.json === true;
    try {
      exitCode = await work({
        output,
        talk,
        style,
        columns,
        json,
        signal: stop.signal,
        environment: env,
        settings: readSettings(),
      });
    } finally {
      talk.clear();
    }
  };
  try {
    await createProgram(run).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (output.broken) return 0;
    const error = failureOf(thrown, stop.signal);
    if (error === undefined) return thrown instanceof CommanderError && thrown.code === 'commander.help' ? 2 : 0;
    await reportFailure(error, process.stderr, asksForJson(args), process.env);
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

/** Errors of parsing are told as JSON, too; what follows `--` is text. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

function watchSignals(stop: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) dieOf(name);
      stop.abort(new Error('interrupted'));
      setTimeout(dieOf, GRACE_MILLISECONDS, name).unref();
    });
  }
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

import type { Settings } from '../engine/settings.js';
import type { ExitCode } from './exit-codes.js';
import type { StandardOutput } from './output/standard-output.js';
import type { Talk } from './output/talk.js';
import type { Style } from './text/style.js';
import type { Timing } from './timing.js';

/** Flags that every command takes. */
export interface OutputFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly timing?: boolean;
}

/** What a command works with. */
export interface CommandContext {
  readonly output: StandardOutput;
  readonly talk: Talk;
  /** For standard output. */
  readonly style: Style;
  /** Columns to write for. */
  readonly columns: number;
  readonly json: boolean;
  /** Fires on Ctrl-C, and when nobody reads the output any more. */
  readonly signal: AbortSignal;
  /** From now on the work has so many milliseconds to end after a signal, rather than a moment. */
  readonly allowGrace: (milliseconds: number) => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: Settings;
  /** Where the time goes, for --timing. */
  readonly timing: Timing;
}

/** Runs the work of a command that was parsed. */
export type CommandRunner = (flags: OutputFlags, work: (context: CommandContext) => Promise<ExitCode>) => Promise<void>;

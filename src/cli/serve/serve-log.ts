import process from 'node:process';
import type { Logger } from '../../shared/log.js';
import type { ProgressListener } from '../../shared/progress.js';
import type { CommandContext, OutputFlags } from '../command-context.js';
import { ProgressLog } from '../output/progress-log.js';
import { styleFor } from '../text/style.js';
import type { LogLevel } from './log-level.js';
import { terminalLog } from './terminal-log.js';

/** Where `isovec serve` tells what happens. */
export interface ServeLog {
  readonly logger: Logger;
  /** Progress of loading. */
  readonly onProgress: ProgressListener;
}

/** On a terminal lines for a person, with bars while models are loaded; elsewhere, and with --json, JSON lines. */
export async function openServeLog(
  { talk, json, environment }: CommandContext,
  { logLevel, quiet }: Pick<OutputFlags, 'quiet'> & { readonly logLevel?: LogLevel },
): Promise<ServeLog> {
  const level = logLevel ?? (quiet === true ? 'warn' : 'info');
  if (process.stderr.isTTY && !json) {
    const say = (line: string): void => {
      talk.say(line);
    };
    const logger = terminalLog(say, level, await styleFor(process.stderr, environment));
    return { logger, onProgress: talk.onProgress };
  }
  const { jsonLog } = await import('./json-log.js');
  const logger = jsonLog(process.stderr, level);
  const progress = new ProgressLog(
    (line) => {
      logger.info(line);
    },
    () => performance.now(),
  );
  return {
    logger,
    onProgress: (step) => {
      progress.show(step);
    },
  };
}

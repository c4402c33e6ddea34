/** Levels of the log of a server, the quietest first; each holds those before it. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;

/** How much the log of a server tells. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Whether a line of a level is told. */
export function tells(level: LogLevel, line: Exclude<LogLevel, 'silent'>): boolean {
  return LOG_LEVELS.indexOf(line) <= LOG_LEVELS.indexOf(level);
}

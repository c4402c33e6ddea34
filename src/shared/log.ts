/** What belongs to a message, by name. */
export type LogData = Readonly<Record<string, unknown>>;

/** A destination for what a user should know about: notices, fall-backs, replaced workers. */
export interface Logger {
  info(message: string, data?: LogData): void;
  warn(message: string, data?: LogData): void;
  /** What must not happen; `warn` takes it where this is missing. */
  error?(message: string, data?: LogData): void;
  /** What helps to find out what happened, such as each request of a server; nobody is told where this is missing. */
  debug?(message: string, data?: LogData): void;
}

/** A logger that drops everything: the default of the library. */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined };

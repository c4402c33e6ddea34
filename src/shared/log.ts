/** A destination for what a user should know about: notices, fall-backs, replaced workers. */
export interface Logger {
  info(message: string, data?: Readonly<Record<string, unknown>>): void;
  warn(message: string, data?: Readonly<Record<string, unknown>>): void;
}

/** A logger that drops everything: the default of the library. */
export const silentLogger: Logger = { info: () => undefined, warn: () => undefined };

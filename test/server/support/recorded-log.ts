import type { LogData, Logger } from '#src/index.js';

/** A line that a logger was given. */
export interface RecordedLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly data: LogData;
}

/** A logger that keeps what it is told. */
export function recordedLog(): { readonly logger: Required<Logger>; readonly lines: RecordedLine[] } {
  const lines: RecordedLine[] = [];
  const keep =
    (level: keyof Logger) =>
    (message: string, data: LogData = {}): void => {
      lines.push({ level, message, data });
    };
  return { lines, logger: { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug') } };
}

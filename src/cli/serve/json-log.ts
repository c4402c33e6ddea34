import { type DestinationStream, pino } from 'pino';
import type { Logger } from '../../shared/log.js';
import type { LogLevel } from './log-level.js';

/** A log for collectors: one JSON object a line, with time, level, msg and what belongs to the message. */
export function jsonLog(stream: DestinationStream, level: LogLevel): Required<Logger> {
  const log = pino(
    {
      level,
      // Whoever collects knows the process and its host.
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    error: (message, data) => {
      log.error(data, message);
    },
    warn: (message, data) => {
      log.warn(data, message);
    },
    info: (message, data) => {
      log.info(data, message);
    },
    debug: (message, data) => {
      log.debug(data, message);
    },
  };
}

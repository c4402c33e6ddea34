import type { LogData, Logger } from '../../shared/log.js';
import type { Style } from '../text/style.js';
import { type LogLevel, tells } from './log-level.js';

/** A log for the person at a terminal: time, level, message, and what belongs to it in grey. `now` is the time of a line. */
export function terminalLog(
  say: (line: string) => void,
  level: LogLevel,
  style: Style,
  now: () => Date = () => new Date(),
): Required<Logger> {
  const colours = { error: style.red, warn: style.yellow, info: style.green, debug: style.dim };
  const line =
    (own: keyof typeof colours) =>
    (message: string, data: LogData = {}): void => {
      if (!tells(level, own)) return;
      const { stack, ...rest } = data;
      const facts = Object.entries(rest).filter(([, value]) => value !== undefined);
      const told = facts.map(([name, value]) => `${name}=${shown(value)}`).join(' ');
      say(
        `${style.dim(timeOf(now()))} ${colours[own](own.padEnd(5))} ${message}${told === '' ? '' : ` ${style.dim(told)}`}`,
      );
      if (Array.isArray(stack)) for (const frame of stack) say(`  ${style.dim(String(frame))}`);
    };
  return { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') };
}

/** Hours, minutes, seconds and milliseconds of the place where the terminal is. */
function timeOf(date: Date): string {
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const clock = [hours, minutes, seconds].map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** A word as it is; all else as JSON, so that it is seen where it ends. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

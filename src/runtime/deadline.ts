import { IsovecError } from '../shared/isovec-error.js';

/** setTimeout counts in signed 32-bit milliseconds, 25 days; a later deadline is as good as none. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A deadline as a call takes it, in milliseconds since the epoch. */
export function deadlineTime(deadline: Date | number | undefined): number | undefined {
  return deadline instanceof Date ? deadline.getTime() : deadline;
}

/** Whether a deadline, in milliseconds since the epoch, has come. */
export function isOver(deadline: number | undefined): boolean {
  return deadline !== undefined && deadline <= Date.now();
}

/** A timer for a deadline in milliseconds since the epoch; undefined where it would never fire. */
export function deadlineTimer(deadline: number | undefined, onDeadline: () => void): NodeJS.Timeout | undefined {
  const delay = deadline === undefined ? Infinity : Math.max(deadline - Date.now(), 0);
  return delay > LONGEST_TIMER_MS ? undefined : setTimeout(onDeadline, delay);
}

/** The error of a call whose deadline has come. */
export function deadlineError(): IsovecError {
  return new IsovecError('DEADLINE_EXCEEDED', 'The deadline passed before every text was embedded.');
}

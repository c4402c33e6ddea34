import type { ServiceCall } from './embed-texts.js';
import { IsovecError } from '../shared/isovec-error.js';

/** The headers that say how urgent a request is and how long it may take. */
export interface CallHeaders {
  readonly priority: string | undefined;
  readonly timeout: string | undefined;
}

/** Longest time that a request may ask for: a day (CWE-400). */
const LONGEST_TIMEOUT = 86_400_000;

/** What headers ask for; `now` is in milliseconds since 1970. INPUT_INVALID names a header that is wrong. */
export function callOf({ priority, timeout }: CallHeaders, now: number, signal: AbortSignal): ServiceCall {
  return { signal, priority: priorityOf(priority), deadline: deadlineOf(timeout, now) };
}

function priorityOf(value: string | undefined): ServiceCall['priority'] {
  if (value === undefined || value === 'interactive' || value === 'bulk') return value;
  throw wrong('x-isovec-priority', 'must be interactive or bulk');
}

function deadlineOf(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (milliseconds >= 1 && milliseconds <= LONGEST_TIMEOUT) return now + milliseconds;
  throw wrong('x-request-timeout-ms', `must be a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}`);
}

function wrong(header: string, rule: string): IsovecError {
  return new IsovecError('INPUT_INVALID', `The header ${header} ${rule}.`, { data: { param: header } });
}

import { z } from 'zod';
import type { ServiceCall } from './embed-texts.js';
import { IsovecError } from '../shared/isovec-error.js';

/** The headers that say how urgent a request is and how long it may take. */
export interface CallHeaders {
  readonly priority: string | undefined;
  readonly timeout: string | undefined;
}

/** Longest time that a request may ask for: a day (CWE-400). */
const LONGEST_TIMEOUT = 86_400_000;

export const callPriority: z.ZodType<'interactive' | 'bulk'> = z
  .enum(['interactive', 'bulk'], { error: 'must be interactive or bulk' })
  .describe('Which requests go first; by the size of the request unless it is said.');

const MILLISECONDS = `must be a whole number of milliseconds from 1 to ${LONGEST_TIMEOUT}`;

/** A number as headers hold it: digits and nothing else. */
export const callTimeout: z.ZodType<number> = z.preprocess(
  (text) => (typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : undefined),
  z
    .int({ error: MILLISECONDS })
    .min(1, { error: MILLISECONDS })
    .max(LONGEST_TIMEOUT, { error: MILLISECONDS })
    .describe('How long the answer may take, in milliseconds; what has not begun by then never runs.'),
);

/** What headers ask for; `now` is in milliseconds since 1970. INPUT_INVALID names a header that is wrong. */
export function callOf({ priority, timeout }: CallHeaders, now: number, signal: AbortSignal): ServiceCall {
  const milliseconds = timeout === undefined ? undefined : read('x-request-timeout-ms', callTimeout, timeout);
  return {
    signal,
    priority: priority === undefined ? undefined : read('x-isovec-priority', callPriority, priority),
    deadline: milliseconds === undefined ? undefined : now + milliseconds,
  };
}

function read<T>(header: string, schema: z.ZodType<T>, value: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const rule = error.issues[0]?.message ?? 'is not valid';
  throw new IsovecError('INPUT_INVALID', `The header ${header} ${rule}.`, { data: { param: header } });
}

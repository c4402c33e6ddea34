import type { ErrorCode } from '../../shared/error-table.js';

/** How a request ended, in few enough words for a label of metrics. */
export type Outcome = 'ok' | 'client_error' | 'refused' | 'expired' | 'cancelled' | 'server_error';

/**
 * How a request ended that was answered with a status of HTTP, or with what the error table gives for its code. What was
 * refused for now, ran out of the time that its sender gave it, or was given up by its sender is no failure of the server.
 */
export function outcomeOf(status: number, code?: ErrorCode): Outcome {
  const own = code === undefined ? undefined : OUTCOMES[code];
  if (own !== undefined) return own;
  if (status < 400) return 'ok';
  if (status < 500) return 'client_error';
  // Without an error it is the answer of a health check that there is no work to be sent.
  return code === undefined && status === 503 ? 'refused' : 'server_error';
}

const OUTCOMES: Partial<Record<ErrorCode, Outcome>> = {
  OVERLOADED: 'refused',
  PROVIDER_UNAVAILABLE: 'refused',
  DEADLINE_EXCEEDED: 'expired',
  ABORTED: 'cancelled',
};

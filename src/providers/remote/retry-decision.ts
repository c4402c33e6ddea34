/** Longest first wait; each further one may be twice as long. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 20_000;
/** A server that asks for more is out of order for this call: another provider may answer sooner. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** Statuses that pass: a slow client, too many requests, a server or gateway that is out of order. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** A request without an answer that can be used: the server said so, or the connection failed. */
export type RequestFailure =
  | {
      readonly kind: 'status';
      readonly status: number;
      /** The header `Retry-After`, as it came. */
      readonly retryAfter: string | undefined;
      /** What the server says, as it came. */
      readonly message: string | undefined;
      /** Where a redirect leads, as it came. */
      readonly location: string | undefined;
    }
  | {
      readonly kind: 'connection';
      /** What happened, such as ECONNREFUSED. */
      readonly reason: string;
      readonly cause: unknown;
    };

/** What a decision is made of. */
export interface RetrySituation {
  /** How often the request was sent, at least 1. */
  readonly tries: number;
  /** How often it may be sent again. */
  readonly retries: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly deadline: number | undefined;
  /** From 0 up to 1. */
  readonly random: number;
}

/** Whether a request is sent again, and after how many milliseconds. */
export type RetryDecision = { readonly retry: true; readonly delay: number } | { readonly retry: false };

/**
 * Exponential backoff with full jitter: a random part of 250 ms, 500 ms, ... up to 20 s, or what the server asks for if
 * that is more. No retry of what would fail again, nor after the deadline: its rest is better spent on another
 * provider. Pure.
 */
export function decideRetry(failure: RequestFailure, situation: RetrySituation): RetryDecision {
  const { tries, retries, now, deadline = Infinity, random } = situation;
  if (tries > retries || !isPassing(failure)) return { retry: false };
  const asked = failure.kind === 'status' ? (retryAfterMilliseconds(failure.retryAfter, now) ?? 0) : 0;
  const backoff = random * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
  const delay = Math.max(asked, backoff);
  return asked > LONGEST_RETRY_AFTER_MS || now + delay >= deadline ? { retry: false } : { retry: true, delay };
}

/** Whether the same request may succeed later. */
export function isPassing(failure: RequestFailure): boolean {
  return failure.kind === 'connection' || PASSING_STATUSES.has(failure.status);
}

/**
 * Milliseconds of a header `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date. A date that is over is 0;
 * undefined for anything else. Pure.
 */
export function retryAfterMilliseconds(header: string | undefined, now: number): number | undefined {
  const value = header?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  // Date.parse alone takes nearly anything for a date.
  if (!/^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

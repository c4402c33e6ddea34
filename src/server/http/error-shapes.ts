import { ERROR_TABLE, type ErrorCode } from '../../shared/error-table.js';
import type { IsovecError } from '../../shared/isovec-error.js';

/** Whose clients a route is made for, which decides how it tells of errors. */
export type RouteFamily = 'openai' | 'tei' | 'native';

/** An error as a route answers it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** The answer for an error, in the shape that clients of the family read. */
export function errorAnswer(error: IsovecError, family: RouteFamily): ErrorAnswer {
  const status = statusOf(error, family);
  return {
    status,
    contentType: family === 'native' ? 'application/problem+json; charset=utf-8' : 'application/json; charset=utf-8',
    headers: headersOf(error),
    body: BODIES[family](error, status),
  };
}

const BODIES: Readonly<Record<RouteFamily, (error: IsovecError, status: number) => object>> = {
  /** All four keys are always there; `code` is a string (OpenAI's API reference, "Errors"). */
  openai: (error, status) => ({
    error: {
      message: error.message,
      type: openAiType(status),
      param: typeof error.data['param'] === 'string' ? error.data['param'] : null,
      code: OPENAI_CODES[error.code] ?? error.code.toLowerCase(),
    },
  }),
  tei: (error) => ({ error: error.message, error_type: teiType(error) }),
  /** RFC 9457. */
  native: (error, status) => ({
    type: 'about:blank',
    title: ERROR_TABLE[error.code].meaning,
    status,
    detail: error.message,
    code: error.code,
    retryable: error.retryable,
    ...shownData(error),
  }),
};

/** Codes that clients of OpenAI look at. */
const OPENAI_CODES: Partial<Record<ErrorCode, string>> = {
  INPUT_TOO_LONG: 'context_length_exceeded',
  MODEL_NOT_FOUND: 'model_not_found',
  UNAUTHORIZED: 'invalid_api_key',
  OVERLOADED: 'rate_limit_exceeded',
};

/** Clients of OpenAI take 400 for a text that is too long, and so do those of TEI for anything that does not validate. */
function statusOf({ code, data }: IsovecError, family: RouteFamily): number {
  if (typeof data['http'] === 'number') return data['http'];
  if (family === 'openai' && (code === 'INPUT_TOO_LONG' || code === 'BATCH_TOO_LARGE')) return 400;
  return ERROR_TABLE[code].http;
}

function openAiType(status: number): string {
  if (status === 429) return 'rate_limit_error';
  if (status === 401) return 'authentication_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function teiType({ code, data }: IsovecError): string {
  if (data['empty'] === true) return 'Empty';
  if (code === 'OVERLOADED') return 'Overloaded';
  if (code === 'CLOSED') return 'Unhealthy';
  return ERROR_TABLE[code].http >= 500 ? 'Backend' : 'Validation';
}

/** Tells a client when to come back (RFC 9110, 10.2.3): whole seconds, at least one. */
function headersOf({ code, data }: IsovecError): Record<string, string> {
  const { http } = ERROR_TABLE[code];
  if (code === 'UNAUTHORIZED') return { 'www-authenticate': 'Bearer' };
  if (http !== 429 && http !== 503) return {};
  const wait = data['retryAfterMilliseconds'];
  return { 'retry-after': String(Math.max(1, Math.ceil((typeof wait === 'number' ? wait : 1000) / 1000))) };
}

/** Of an error's data, what helps whoever sent the request. */
function shownData({ data }: IsovecError): object {
  const { param, indices, limit, received } = data;
  return Object.fromEntries(
    Object.entries({ param, indices, limit, received }).filter(([, value]) => value !== undefined),
  );
}

import { errorMessage, isIsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import type { CallScope } from '../call-scope.js';
import { badResponse } from './read-answer.js';
import type { RequestFailure } from './retry-decision.js';

/** So much of what a server says about an error is read; 300 characters of it are told. */
const ERROR_BYTES = 64 * 1024;

/** What came of one request. */
export type RequestOutcome = { readonly kind: 'answer'; readonly text: string } | RequestFailure;

/** What bounds one request. */
export interface RequestBounds {
  readonly scope: CallScope;
  readonly maxBytes: number;
  /** Milliseconds from the begin of the request to the end of its answer. */
  readonly timeout: number;
}

/**
 * One request by `fetch`. Redirects are an outcome and not followed: a key would travel. PROVIDER_BAD_RESPONSE for an
 * answer of more than `maxBytes` or one that is no UTF-8; the error of a call that is over.
 */
export async function sendRequest(
  url: URL,
  init: RequestInit,
  { scope, maxBytes, timeout }: RequestBounds,
): Promise<RequestOutcome> {
  scope.throwIfOver();
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort();
  };
  scope.signal.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, timeout);
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: controller.signal });
    if (response.ok) return { kind: 'answer', text: decode(await readAll(response, maxBytes)) };
    const { status, headers } = response;
    const begin = new TextDecoder().decode(await readBegin(response, ERROR_BYTES));
    return {
      kind: 'status',
      status,
      retryAfter: headers.get('retry-after') ?? undefined,
      message: remoteMessage(begin),
      location: headers.get('location') ?? undefined,
    };
  } catch (error) {
    scope.throwIfOver();
    if (isIsovecError(error)) throw error;
    const reason = controller.signal.aborted ? `no answer within ${timeout / 1_000} s` : failureReason(error);
    return { kind: 'connection', reason, cause: error };
  } finally {
    clearTimeout(timer);
    scope.signal.removeEventListener('abort', abort);
    // Closes the connection of an answer that was not read to its end.
    controller.abort();
  }
}

async function readAll(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bodyOf(response)) {
    size += part.byteLength;
    if (size > maxBytes) throw badResponse(`it is larger than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts, size);
}

async function readBegin(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bodyOf(response)) {
    parts.push(part);
    size += part.byteLength;
    if (size >= most) break;
  }
  return Buffer.concat(parts).subarray(0, most);
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) return;
    yield value;
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw badResponse('it is no UTF-8');
  }
}

/** What an error of OpenAI's shape, of TEI's or of FastAPI's says. */
function remoteMessage(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  for (const key of ['error', 'message', 'detail']) {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
    if (typeof found === 'string') return found;
    const inner: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, 'message') : undefined;
    if (typeof inner === 'string') return inner;
  }
  return undefined;
}

/** `fetch` says only "fetch failed"; what happened is in its cause. */
function failureReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return systemErrorCode(cause) ?? (cause instanceof Error ? cause.message : errorMessage(error));
}

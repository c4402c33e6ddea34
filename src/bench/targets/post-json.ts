import { abortError } from '../../shared/abort.js';
import { errorMessage, IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import type { ErrorCode } from '../../shared/error-table.js';

/** A request that is sent to a server. */
export interface JsonRequest {
  readonly url: string;
  readonly body: unknown;
  /** Sent as a bearer token. */
  readonly apiKey?: string | undefined;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a server answered. */
export interface JsonResponse {
  readonly body: unknown;
  readonly headers: Headers;
}

/** Of a refusal so many characters are repeated. */
const TOLD_CHARACTERS = 200;

/**
 * Sends JSON and reads JSON. DEADLINE_EXCEEDED; PROVIDER_UNAVAILABLE if the server cannot be reached or answers with
 * 500 and above; OVERLOADED (429, 503), UNAUTHORIZED (401, 403), PROVIDER_REJECTED (any other status but 2xx), each with
 * data.status; PROVIDER_BAD_RESPONSE for what is not JSON; ABORTED.
 */
export async function postJson({ url, body, apiKey, timeout, signal }: JsonRequest): Promise<JsonResponse> {
  const limit = AbortSignal.timeout(timeout);
  const name = withoutSecrets(url);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted === true) throw abortError(signal);
    if (limit.aborted) {
      throw new IsovecError('DEADLINE_EXCEEDED', `${name} did not answer within ${timeout} ms.`, { cause });
    }
    throw new IsovecError('PROVIDER_UNAVAILABLE', `${name} cannot be reached (${reasonOf(cause)}).`, { cause });
  }
  if (!response.ok) {
    const said = text.replaceAll(/\s+/g, ' ').trim().slice(0, TOLD_CHARACTERS);
    throw new IsovecError(
      codeOfStatus(response.status),
      `${name} answered with status ${response.status}${said === '' ? '' : `: ${said}`}.`,
      { data: { status: response.status } },
    );
  }
  try {
    return { body: JSON.parse(text) as unknown, headers: response.headers };
  } catch (cause) {
    throw new IsovecError('PROVIDER_BAD_RESPONSE', `${name} did not answer with JSON.`, { cause });
  }
}

/** An address as it may be shown: without user, password, query and fragment, which may be secrets. */
export function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'UNAUTHORIZED';
  if (status === 429 || status === 503) return 'OVERLOADED';
  return status >= 500 ? 'PROVIDER_UNAVAILABLE' : 'PROVIDER_REJECTED';
}

/** Node's fetch says only that it failed; the reason is the cause of its error. */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  return systemErrorCode(cause) ?? errorMessage(cause);
}

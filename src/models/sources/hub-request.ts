import { abortError } from '../../shared/abort.js';
import { errorMessage, IsovecError, systemErrorCode } from '../../shared/isovec-error.js';

/** Without bytes for so long a transfer counts as cut; it is continued where it ended. */
const IDLE_MS = 30_000;

export interface HubRequest {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly token: string | undefined;
  /** What is asked for, as messages name it. */
  readonly subject: string;
  /** How long the answer's beginning may take. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A hub's answer whose body has not been read yet. */
export interface HubAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body; a cut or stalled transfer is SOURCE_UNREACHABLE. To be read to its end or left with `return()`. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * One GET request of the hub. SOURCE_UNREACHABLE if there is no answer in time or the hub is out of order,
 * SOURCE_FORBIDDEN on 401 and 403, MODEL_NOT_FOUND on 404 and 410, ABORTED on the caller's signal. The token goes to
 * the endpoint's own origin only; `fetch` drops it on redirects elsewhere.
 */
export async function hubGet(url: string, request: HubRequest): Promise<HubAnswer> {
  const controller = new AbortController();
  const signal =
    request.signal === undefined ? controller.signal : AbortSignal.any([controller.signal, request.signal]);
  const timer = setTimeout(() => {
    controller.abort();
  }, request.timeoutMs);
  let response: Response;
  try {
    const ownOrigin = new URL(url).origin === new URL(request.endpoint).origin;
    response = await fetch(url, {
      signal,
      headers: {
        // Compressed bytes would have neither the length nor the offsets of the file.
        'accept-encoding': 'identity',
        ...request.headers,
        ...(request.token !== undefined && ownOrigin ? { authorization: `Bearer ${request.token}` } : {}),
      },
    });
  } catch (error) {
    if (request.signal?.aborted === true) throw abortError(request.signal);
    const reason = controller.signal.aborted ? `no answer within ${request.timeoutMs / 1_000} s` : failureReason(error);
    throw unreachable(request, reason, error);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) {
    controller.abort();
    throw statusError(response, request);
  }
  return { status: response.status, headers: response.headers, body: readBody(response, controller, request) };
}

async function* readBody(
  response: Response,
  controller: AbortController,
  request: HubRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (response.body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  try {
    for (;;) {
      // Only the wait for the network is timed, not what the consumer does with the bytes.
      const timer = setTimeout(() => {
        controller.abort();
      }, IDLE_MS);
      let step: { readonly done: boolean; readonly value?: Uint8Array | undefined };
      try {
        step = await reader.read();
      } catch (error) {
        if (request.signal?.aborted === true) throw abortError(request.signal);
        const reason = controller.signal.aborted ? `no bytes for ${IDLE_MS / 1_000} s` : failureReason(error);
        throw unreachable(request, reason, error);
      } finally {
        clearTimeout(timer);
      }
      if (step.value === undefined) return;
      yield step.value;
    }
  } finally {
    // Closes the connection if the consumer left early.
    controller.abort();
  }
}

function statusError(response: Response, request: HubRequest): IsovecError {
  const { status } = response;
  const data = { endpoint: request.endpoint, status };
  if (status === 401 || status === 403) {
    const remedy =
      request.token === undefined
        ? 'The model is private or gated, or does not exist: check the id, accept its terms on its page, and set HF_TOKEN.'
        : 'The token gives no access: check the id, accept the terms on the page of the model, or use another HF_TOKEN.';
    return new IsovecError(
      'SOURCE_FORBIDDEN',
      `${request.endpoint} refuses ${request.subject} (HTTP ${status}). ${remedy}`,
      {
        data,
      },
    );
  }
  if (status === 404 || status === 410) {
    const what = response.headers.get('x-error-code') === 'RevisionNotFound' ? 'that revision of ' : '';
    return new IsovecError(
      'MODEL_NOT_FOUND',
      `${request.endpoint} does not know ${what}${request.subject} (HTTP ${status}). Check the id and the revision.`,
      { data },
    );
  }
  return unreachable(request, `HTTP ${status}`, undefined, status);
}

function unreachable(request: HubRequest, reason: string, cause: unknown, status?: number): IsovecError {
  return new IsovecError(
    'SOURCE_UNREACHABLE',
    `${request.endpoint} could not be reached for ${request.subject} (${reason}).`,
    { cause, data: { endpoint: request.endpoint, reason, ...(status === undefined ? {} : { status }) } },
  );
}

/** `fetch` says only "fetch failed"; what happened is in its cause. */
function failureReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return systemErrorCode(cause) ?? (cause instanceof Error ? cause.message : errorMessage(error));
}

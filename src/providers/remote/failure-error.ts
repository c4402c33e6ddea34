import { IsovecError } from '../../shared/isovec-error.js';
import { isPassing, type RequestFailure } from './retry-decision.js';

const MOST_MESSAGE_CHARACTERS = 300;
/** A run of so many characters that a message shares with a text was copied from it. */
const SHARED_RUN = 12;
/** A text that is shorter is part of many words. */
const SHORTEST_TEXT = 4;
/** Runs are looked for in so much of a message. */
const SEARCHED_CHARACTERS = 4_000;

/** What was asked when a request failed. */
export interface FailedRequest {
  /** Scheme, host and port of the server. */
  readonly origin: string;
  /** Path of the address, without a query. */
  readonly path: string;
  readonly model: string;
  readonly texts: readonly string[];
  /** How often it was sent. */
  readonly tries: number;
  /** Strikes keys out of what the server says. */
  readonly withoutSecrets: (text: string) => string;
}

/**
 * The error of a request that is not tried again: OVERLOADED for 429, PROVIDER_UNAVAILABLE where the server is out of
 * order, UNAUTHORIZED for 401 and 403, else PROVIDER_REJECTED. It holds no text and no key. Pure.
 */
export function failureError(failure: RequestFailure, request: FailedRequest): IsovecError {
  const { origin, path, model, tries } = request;
  const often = tries === 1 ? '' : ` after ${tries} requests`;
  if (failure.kind === 'connection') {
    return new IsovecError(
      'PROVIDER_UNAVAILABLE',
      `${origin} could not be reached${often} (${failure.reason}). Check its address and whether it runs.`,
      { cause: failure.cause, data: { origin, reason: failure.reason } },
    );
  }
  const { status } = failure;
  const data = { origin, status };
  const says = remoteWords(failure.message, request);
  if (status === 429) {
    const { retryAfter } = failure;
    return new IsovecError(
      'OVERLOADED',
      `${origin} takes no more requests now (HTTP 429)${often}. Send fewer at once (limits.concurrency), or try again later.`,
      { data: retryAfter === undefined ? data : { ...data, retryAfter: retryAfter.slice(0, 40) } },
    );
  }
  if (isPassing(failure) || status >= 500) {
    return new IsovecError('PROVIDER_UNAVAILABLE', `${origin} is out of order (HTTP ${status})${often}.${says}`, {
      data,
    });
  }
  if (status === 401 || status === 403) {
    return new IsovecError('UNAUTHORIZED', `${origin} refuses the key (HTTP ${status}). Check apiKey and headers.`, {
      data,
    });
  }
  return new IsovecError('PROVIDER_REJECTED', rejection(failure.location, status, says, { origin, path, model }), {
    data: { ...data, path, model },
  });
}

function rejection(
  location: string | undefined,
  status: number,
  says: string,
  { origin, path, model }: Pick<FailedRequest, 'origin' | 'path' | 'model'>,
): string {
  if (status === 404) {
    return `${origin} has nothing at ${path}, or no model ${JSON.stringify(model)} (HTTP 404). Check url, kind and model.${says}`;
  }
  if (status >= 300 && status < 400) {
    const target =
      location !== undefined && URL.canParse(location, origin) ? new URL(location, origin).origin : undefined;
    const where = target === undefined ? 'elsewhere' : target === origin ? 'to another path' : `to ${target}`;
    return `${origin} redirects ${path} ${where} (HTTP ${status}), which is not followed: a key would go there too. Give the address itself.`;
  }
  return `${origin} refused the request (HTTP ${status}).${says}`;
}

/** What the server says, cut, without keys; nothing of it if it repeats a text. */
function remoteWords(message: string | undefined, { texts, withoutSecrets }: FailedRequest): string {
  if (message === undefined || message.trim() === '') return '';
  const searched = message.slice(0, SEARCHED_CHARACTERS);
  if (repeatsText(searched, texts)) return ' It repeats a text in its message, which is therefore left out.';
  const words = withoutSecrets(searched).replaceAll(/\s+/g, ' ').trim();
  const cut = words.length > MOST_MESSAGE_CHARACTERS ? `${words.slice(0, MOST_MESSAGE_CHARACTERS)}...` : words;
  return ` It says: ${cut}`;
}

/** Whether a message holds a text, or a part of one that is too long for chance. */
export function repeatsText(message: string, texts: readonly string[]): boolean {
  const runs = new Set<string>();
  for (let at = 0; at + SHARED_RUN <= message.length; at++) runs.add(message.slice(at, at + SHARED_RUN));
  return texts.some((text) => {
    if (text.length < SHARED_RUN) return text.trim().length >= SHORTEST_TEXT && message.includes(text.trim());
    for (let at = 0; at + SHARED_RUN <= text.length; at++) if (runs.has(text.slice(at, at + SHARED_RUN))) return true;
    return false;
  });
}

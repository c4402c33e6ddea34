import type { CallScope } from '../call-scope.js';
import type { RemoteProviderOptions } from './remote-options.js';
import { invalid } from './remote-settings.js';
import { type RequestOutcome, sendRequest } from './send-request.js';

/** A shorter value is no key, and would be struck out of every second word. */
const SHORTEST_SECRET = 6;

/** What is sent to an endpoint. */
export interface EndpointRequest {
  /** Path below the server's address, such as `/embeddings`. */
  readonly path: string;
  /** Sent by POST as JSON; without it the request is a GET. */
  readonly body?: unknown;
  /** Most bytes of an answer. */
  readonly maxBytes: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** The address of a server with the keys that open it, which nothing else gets to see. */
export class RemoteEndpoint {
  /** The server, as messages name it: scheme, host and port. */
  readonly origin: string;
  readonly #base: URL;
  readonly #headers: Headers;
  readonly #secrets: readonly string[];

  /** CONFIG_INVALID for an address that is none of http or https, and for headers that cannot be sent. */
  constructor({ url, apiKey, headers = {} }: Pick<RemoteProviderOptions, 'url' | 'apiKey' | 'headers'>) {
    const base = URL.canParse(url) ? new URL(url) : undefined;
    if (base === undefined || !/^https?:$/.test(base.protocol)) {
      throw invalid('url', 'must be an address of http or https');
    }
    const username = decoded(base.username);
    const password = decoded(base.password);
    base.username = '';
    base.password = '';
    base.hash = '';
    this.#base = base;
    this.origin = base.origin;
    this.#headers = new Headers({ accept: 'application/json' });
    if (apiKey !== undefined) this.#set('apiKey', 'authorization', `Bearer ${apiKey}`);
    else if (username !== '' || password !== '') {
      this.#set('url', 'authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
    }
    for (const [name, value] of Object.entries(headers)) this.#set('headers', name, value);
    const values = [apiKey ?? '', password, ...Object.values(headers), ...base.searchParams.values()];
    this.#secrets = values.filter(({ length }) => length >= SHORTEST_SECRET);
  }

  /** The path of a request as messages name it, without a query. */
  pathOf(path: string): string {
    return this.#urlOf(path).pathname;
  }

  /** Sends one request. PROVIDER_BAD_RESPONSE for an answer that is too large or no UTF-8; the error of a call that is over. */
  async send({ path, body, maxBytes, timeout }: EndpointRequest, scope: CallScope): Promise<RequestOutcome> {
    const headers = new Headers(this.#headers);
    if (body !== undefined) headers.set('content-type', 'application/json');
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
    return sendRequest(this.#urlOf(path), init, { scope, maxBytes, timeout });
  }

  /** A text of the server's without the keys that it may repeat. */
  withoutSecrets(text: string): string {
    return this.#secrets.reduce((left, secret) => left.replaceAll(secret, '[key]'), text);
  }

  #urlOf(path: string): URL {
    const url = new URL(this.#base);
    url.pathname = url.pathname.replace(/\/+$/, '') + path;
    return url;
  }

  #set(option: string, name: string, value: string): void {
    try {
      this.#headers.set(name, value);
    } catch {
      // The error itself quotes the value.
      throw invalid(option, 'holds what no header can carry');
    }
  }
}

/** A part of an address without its percent signs. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('url', 'holds a name or a password that is not written as addresses write them');
  }
}

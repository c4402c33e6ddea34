import type { EmbedAnswer, ModelList, ServerInfo } from './answers.js';
import { errorOf, ServerError } from './server-error.js';

/** What a text is for, where a model tells the two apart by prompts. */
export type TextKind = 'query' | 'document';

/** What the page asks the server for. Every method throws a ServerError that says why it failed. */
export interface ServerClient {
  readonly models: (signal: AbortSignal) => Promise<ModelList>;
  readonly info: (model: string, signal: AbortSignal) => Promise<ServerInfo>;
  readonly embed: (request: EmbedRequest, signal: AbortSignal) => Promise<EmbedAnswer>;
}

/** The body of POST /embed. */
export interface EmbedRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly input_type?: TextKind;
}

/** A client of the server below `base`, which ends in a slash; `key` is asked for before each request. */
export function serverClient(base: string, key: () => string | undefined): ServerClient {
  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    const headers = new Headers(init.headers);
    const current = key();
    if (current !== undefined) headers.set('authorization', `Bearer ${current}`);
    const response = await fetch(new URL(path, base), { ...init, headers }).catch((error: unknown) => {
      if (init.signal?.aborted === true) throw error;
      throw new ServerError(0, 'The server cannot be reached. Does it still run?');
    });
    if (!response.ok) throw await errorOf(response);
    return (await response.json()) as T;
  };
  return {
    models: (signal) => ask('v1/models', { signal }),
    info: (model, signal) => ask(`info?model=${encodeURIComponent(model)}`, { signal }),
    embed: (request, signal) =>
      ask('embed', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
        signal,
      }),
  };
}

import type { EmbedAnswer, ModelList, ServerInfo } from './answers.js';
import type { Forgotten, MemoryKind, MemoryPage, MemoryStatus, RecallAnswer } from './memory-answers.js';
import { errorOf, ServerError } from './server-error.js';

/** What a text is for, where a model tells the two apart by prompts. */
export type TextKind = 'query' | 'document';

/** What the page asks the server for. Every method throws a ServerError that says why it failed. */
export interface ServerClient {
  readonly models: (signal: AbortSignal) => Promise<ModelList>;
  readonly info: (model: string, signal: AbortSignal) => Promise<ServerInfo>;
  readonly embed: (request: EmbedRequest, signal: AbortSignal) => Promise<EmbedAnswer>;
  readonly remember: (memory: NewMemory, signal: AbortSignal) => Promise<unknown>;
  readonly recall: (query: string, signal: AbortSignal) => Promise<RecallAnswer>;
  readonly memories: (page: PageRequest, signal: AbortSignal) => Promise<MemoryPage>;
  /** Says what would be forgotten, unless it is confirmed. */
  readonly forget: (id: string, confirm: boolean, signal: AbortSignal) => Promise<Forgotten>;
  readonly memoryStatus: (signal: AbortSignal) => Promise<MemoryStatus>;
}

/** A memory of POST /memory/remember. */
export interface NewMemory {
  readonly content: string;
  readonly kind: MemoryKind;
  readonly tags: readonly string[];
}

/** The body of POST /memory/list. */
export interface PageRequest {
  readonly limit: number;
  readonly tags?: readonly string[];
  readonly kinds?: readonly MemoryKind[];
  readonly after?: string;
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
  const post = <T>(path: string, body: object, signal: AbortSignal): Promise<T> =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
  return {
    models: (signal) => ask('v1/models', { signal }),
    info: (model, signal) => ask(`info?model=${encodeURIComponent(model)}`, { signal }),
    embed: (request, signal) => post('embed', request, signal),
    remember: (memory, signal) => post('memory/remember', { memories: [memory] }, signal),
    recall: (query, signal) => post('memory/recall', { query }, signal),
    memories: (page, signal) => post('memory/list', page, signal),
    forget: (id, confirm, signal) => post('memory/forget', { ids: [id], confirm }, signal),
    memoryStatus: (signal) => ask('memory/status', { signal }),
  };
}

import type { DeclaredSpace, EmbeddingSpace } from '../../models/embedding-space.js';
import type { Logger } from '../../shared/log.js';

/** The interface that a remote server has. */
export type RemoteKind = 'openai' | 'tei';

/** The space of a remote model: that of a model which was loaded (`embedder.space`), or what is known of it. */
export type RemoteSpace = EmbeddingSpace | DeclaredSpace;

/** What one request may hold, and how many may be open. */
export interface RemoteLimits {
  /** Most texts in one request: 2048 by default for 'openai'; for 'tei' what the server says, else 32. */
  readonly maxTexts?: number;
  /** Most characters (UTF-16 code units) of the texts of one request; a longer text goes alone. No limit by default. */
  readonly maxCharacters?: number;
  /** Most requests at once, of all calls together; 4 by default. */
  readonly concurrency?: number;
}

/** A text and its vector in the declared space, which the server must give too. */
export interface RemoteReference {
  readonly text: string;
  readonly vector: ArrayLike<number>;
}

/** Options of {@link createRemoteProvider}. */
export interface RemoteProviderOptions {
  readonly kind: RemoteKind;
  /**
   * Where the server is: for 'openai' with the version, such as `https://host/v1`, for 'tei' the root. A name and a
   * password in it are sent as a header, unless there is an `apiKey`, and shown nowhere.
   */
  readonly url: string;
  /** The model that the server is asked for; that of the space by default. TEI serves one model and is not asked. */
  readonly model?: string;
  /** Sent as `Authorization: Bearer`. */
  readonly apiKey?: string;
  /** Further headers; one named `authorization` stands in place of the key. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly space: RemoteSpace;
  /** Texts with known vectors: the cosine of each must be at least 0.999. */
  readonly references?: readonly RemoteReference[];
  readonly limits?: RemoteLimits;
  /** How often a request is tried again after the server was busy or out of order; 4 by default. */
  readonly retries?: number;
  /** Milliseconds that one request may take, its answer included; 60 000 by default, at most 300 000. */
  readonly requestTimeout?: number;
  /** Length of the vectors that an OpenAI server is asked for; it gives whole vectors by default. */
  readonly dimensions?: number;
  /**
   * Whether the server is asked to cut texts beyond the model's limit; it refuses them by default. TEI and isovec know
   * this; OpenAI refuses requests that say it.
   */
  readonly truncate?: boolean;
  /** Cancels the start. */
  readonly signal?: AbortSignal;
  /** Told when the server stops answering and when it answers again; each repeated request as `debug`. */
  readonly logger?: Logger;
}

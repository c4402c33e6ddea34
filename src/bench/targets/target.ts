/** How a call is made. */
export interface TargetCall {
  /** Milliseconds after which the call rejects with DEADLINE_EXCEEDED. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** The answer to a call. */
export interface TargetAnswer {
  /** One per text, in their order. */
  readonly vectors: Iterable<ArrayLike<number>>;
  /** Tokens of all texts of the call; undefined if the target does not say. */
  readonly tokens: number | undefined;
}

/** What is measured, for the result. */
export interface TargetDescription {
  readonly kind: 'library' | 'openai' | 'tei';
  /** As it was asked for. */
  readonly model: string;
  /** Of a server; without credentials and query. */
  readonly url?: string;
  /** Arithmetic of the weights, where it is known. */
  readonly dtype?: string;
  readonly threads?: number;
  /** SHA-256 over the weight files, hexadecimal. */
  readonly checkpoint?: string;
  /** Fingerprint of the embedding space. */
  readonly space?: string;
  readonly dimensions?: number;
}

/**
 * Something that embeds texts and is measured. Calls may overlap. They reject with an IsovecError; for an HTTP status its
 * data holds `status`.
 */
export interface BenchTarget extends AsyncDisposable {
  readonly description: TargetDescription;
  embed(texts: readonly string[], call: TargetCall): Promise<TargetAnswer>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** What one request may ask for. */
export interface ServiceLimits {
  /** Most texts, or lists of token ids, in one request. */
  readonly maxInputs: number;
  /** Most tokens in one request, before any text is cut. */
  readonly maxTokens: number;
}

/** Those of OpenAI's embeddings: clients that split their work for it need no other setting (CWE-770). */
export const DEFAULT_SERVICE_LIMITS: ServiceLimits = { maxInputs: 2048, maxTokens: 300_000 };

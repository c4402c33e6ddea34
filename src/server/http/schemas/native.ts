import { z } from 'zod';

/** A vector, or null for a text that was refused where partial answers are wanted. */
const vector = z.array(z.number());

/** What the body of POST /embed says in isovec's own shape. */
export interface NativeEmbedRequest {
  readonly texts: readonly string[];
  readonly model?: string | undefined;
  readonly pooling?: string | undefined;
  readonly normalize?: boolean | undefined;
  readonly dimensions?: number | undefined;
  readonly prompt_name?: string | undefined;
  readonly input_type?: 'query' | 'document' | undefined;
  readonly truncate: boolean;
  readonly on_error: 'fail' | 'partial';
}

export const nativeEmbedRequest: z.ZodType<NativeEmbedRequest> = z
  .strictObject({
    texts: z.array(z.string()).min(1),
    model: z.string().min(1).max(500).optional().describe('One of those that are served; the first by default.'),
    pooling: z.string().optional().describe("Must be the model's own: another pooling would be another space."),
    normalize: z
      .boolean()
      .optional()
      .describe("The model's own way by default; false gives pooled vectors as they are."),
    dimensions: z
      .int()
      .min(1)
      .optional()
      .describe('Keeps the first dimensions, without normalising again unless asked.'),
    prompt_name: z.string().optional(),
    input_type: z.enum(['query', 'document']).optional(),
    truncate: z.boolean().default(true).describe('Whether texts beyond the limit are cut; they are listed if so.'),
    on_error: z.enum(['fail', 'partial']).default('fail').describe('partial: a bad text gets null and a reason.'),
  })
  .meta({ examples: [{ texts: ['The river rose overnight.', 'Bread is baked at dawn.'] }] });

/** The answer of POST /embed to isovec's own shape. */
export const nativeEmbedResponse: z.ZodType = z
  .object({
    embeddings: z.array(vector.nullable()),
    model: z.string(),
    dimensions: z.int(),
    usage: z.object({ total_tokens: z.int(), duration_ms: z.number() }),
    timings: z
      .object({ tokenize_ms: z.number(), queue_ms: z.number(), inference_ms: z.number(), total_ms: z.number() })
      .describe('Queue and inference are means over the texts.'),
    tokens: z.array(z.int()).describe('Of each text, before any cut and with its prompt; 0 for one that was refused.'),
    truncated: z.array(z.int()).describe('Indices of texts that were cut.'),
    errors: z.array(z.object({ index: z.int(), code: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Embeddings' });

/** What the body of POST /similarity says. */
export interface SimilarityRequest {
  readonly model?: string | undefined;
  readonly a: readonly string[];
  readonly b?: readonly string[] | undefined;
  readonly truncate: boolean;
}

export const similarityRequest: z.ZodType<SimilarityRequest> = z
  .strictObject({
    model: z.string().min(1).max(500).optional(),
    a: z.array(z.string()).min(1),
    b: z.array(z.string()).min(1).optional().describe('`a` again by default.'),
    truncate: z.boolean().default(true),
  })
  .meta({ examples: [{ a: ['When is bread baked?'], b: ['Bread is baked at dawn.'] }] });

/** What it says in TEI's shape. */
export interface TeiSimilarityRequest {
  readonly inputs: { readonly source_sentence: string; readonly sentences: readonly string[] };
  readonly parameters?: { readonly truncate: boolean; readonly prompt_name?: string | undefined } | undefined;
}

export const teiSimilarityRequest: z.ZodType<TeiSimilarityRequest> = z
  .strictObject({
    inputs: z.strictObject({ source_sentence: z.string(), sentences: z.array(z.string()).min(1) }),
    parameters: z.strictObject({ truncate: z.boolean().default(false), prompt_name: z.string().optional() }).optional(),
  })
  .meta({
    examples: [{ inputs: { source_sentence: 'When is bread baked?', sentences: ['Bread is baked at dawn.'] } }],
  });

/** The answer of POST /similarity to isovec's own shape. */
export const similarityResponse: z.ZodType = z
  .object({
    scores: z.array(vector).describe("A row for each text of `a`, by the model's own similarity."),
    similarity: z.string(),
    model: z.string(),
  })
  .meta({ id: 'Scores' });

/** What GET /info may be asked for. */
export interface InfoQuery {
  readonly model?: string | undefined;
}

export const infoQuery: z.ZodType<InfoQuery> = z.object({
  model: z.string().min(1).max(500).optional().describe('One of those that are served; the first by default.'),
});

/** The answer of GET /info. */
export const infoResponse: z.ZodType = z
  .object({
    model_id: z.string(),
    model_sha: z.string().nullable(),
    model_dtype: z.string(),
    model_type: z.object({ embedding: z.object({ pooling: z.string() }) }),
    max_input_length: z.int(),
    max_client_batch_size: z.int(),
    max_request_tokens: z.int(),
    version: z.string(),
    checkpoint: z.string().describe('SHA-256 over the published weights.'),
    space: z.string().describe('Fingerprint of everything that decides what its vectors mean.'),
    provider: z.string(),
    device: z.string(),
    attempts: z
      .array(z.object({ provider: z.string(), code: z.string(), reason: z.string() }))
      .describe('Providers that could not run the model, before the one that does.'),
    dimensions: z.int(),
    normalizes: z.boolean(),
    similarity: z.string().describe('What the model was made for: cosine, dot, euclidean or manhattan.'),
    prompts: z.record(z.string(), z.string()),
    models: z.array(z.string()),
    memory: z.boolean().describe('Whether a memory is served.'),
  })
  .meta({ id: 'Info' });

/** RFC 9457, with the code of the error table. */
export const problem: z.ZodType = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    retryable: z.boolean(),
    param: z.string().optional(),
    indices: z.array(z.int()).optional(),
    limit: z.number().optional(),
    received: z.number().optional(),
  })
  .meta({ id: 'Problem' });

import { z } from 'zod';
import { type TextsOrTokens, textsOrTokens } from './texts-or-tokens.js';

/** What the body of POST /v1/embeddings says. */
export interface OpenAiEmbeddingsRequest {
  readonly model: string;
  readonly input: TextsOrTokens;
  readonly encoding_format: 'float' | 'base64';
  readonly dimensions?: number | undefined;
  readonly user?: string | undefined;
  readonly input_type?: 'query' | 'document' | undefined;
  readonly truncate: boolean;
}

/** OpenAI's API reference, "Create embeddings", and two fields of our own. */
export const openAiEmbeddingsRequest: z.ZodType<OpenAiEmbeddingsRequest> = z
  .strictObject({
    model: z.string().min(1).max(500),
    input: textsOrTokens,
    encoding_format: z.enum(['float', 'base64']).default('float').describe('base64 is of little-endian float32.'),
    dimensions: z.int().min(1).optional().describe('Keeps the first dimensions; vectors are normalised again.'),
    user: z.string().optional().describe('Taken and left alone.'),
    input_type: z.enum(['query', 'document']).optional().describe("Puts the model's prompt for this purpose in front."),
    truncate: z
      .boolean()
      .default(false)
      .describe('Whether texts beyond the model’s limit are cut, rather than refused.'),
  })
  .meta({ examples: [{ model: 'sentence-transformers/all-MiniLM-L6-v2', input: ['The river rose overnight.'] }] });

/** One vector of the answer. */
const openAiEmbedding: z.ZodType = z.object({
  object: z.literal('embedding'),
  index: z.int(),
  embedding: z.union([z.array(z.number()), z.string()]),
});

/** The answer of POST /v1/embeddings. */
export const openAiEmbeddingsResponse: z.ZodType = z
  .object({
    object: z.literal('list'),
    data: z.array(openAiEmbedding),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }).describe('Tokens before any cut.'),
    truncated: z.array(z.int()).optional().describe('Indices of texts that were cut; only where `truncate` was set.'),
  })
  .meta({ id: 'EmbeddingList' });

/** One model of GET /v1/models. */
export interface OpenAiModel {
  readonly id: string;
  readonly object: 'model';
  /** When it was ready, in seconds since 1970. */
  readonly created: number;
  readonly owned_by: string;
}

export const openAiModel: z.ZodType<OpenAiModel> = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int().describe('When it was ready, in seconds since 1970.'),
    owned_by: z.string(),
  })
  .meta({ id: 'Model' });

/** The answer of GET /v1/models. */
export const openAiModelList: z.ZodType = z
  .object({ object: z.literal('list'), data: z.array(openAiModel) })
  .meta({ id: 'ModelList' });

/** Every error of /v1. */
export const openAiError: z.ZodType = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
    }),
  })
  .meta({ id: 'OpenAiError' });

import { z } from 'zod';
import { tokenIds, type TextsOrTokens, textsOrTokens } from './texts-or-tokens.js';

/** What TEI's requests say of texts that are too long, and of prompts. */
export interface TeiTruncation {
  readonly truncate?: boolean | null | undefined;
  readonly truncation_direction?: 'Left' | 'Right' | 'left' | 'right' | undefined;
  readonly prompt_name?: string | null | undefined;
}

const truncation = {
  truncate: z.boolean().nullish().describe('Whether texts beyond the limit are cut; false by default.'),
  truncation_direction: z.enum(['Left', 'Right', 'left', 'right']).optional(),
  prompt_name: z.string().nullish(),
};

/** What the body of POST /embed of text-embeddings-inference says. */
export interface TeiEmbedRequest extends TeiTruncation {
  readonly inputs: TextsOrTokens;
  readonly normalize: boolean;
  readonly dimensions?: number | null | undefined;
}

export const teiEmbedRequest: z.ZodType<TeiEmbedRequest> = z
  .strictObject({
    inputs: textsOrTokens,
    normalize: z.boolean().default(true),
    dimensions: z.int().min(1).nullish(),
    ...truncation,
  })
  .meta({ examples: [{ inputs: ['The river rose overnight.', 'Bread is baked at dawn.'] }] });

/** A vector a text. */
export const teiEmbedResponse: z.ZodType = z.array(z.array(z.number()));

/** What the body of POST /embed_all says, and that of /embed_sparse. */
export interface TeiEmbedAllRequest extends TeiTruncation {
  readonly inputs: TextsOrTokens;
}

export const teiEmbedAllRequest: z.ZodType<TeiEmbedAllRequest> = z
  .strictObject({
    inputs: textsOrTokens,
    ...truncation,
  })
  .meta({ examples: [{ inputs: 'The river rose overnight.', truncate: true }] });

/** A vector a token, for each text. */
export const teiEmbedAllResponse: z.ZodType = z.array(z.array(z.array(z.number())));

/** What the body of POST /tokenize says. */
export interface TeiTokenizeRequest {
  readonly inputs: string | readonly string[];
  readonly add_special_tokens: boolean;
  readonly prompt_name?: string | null | undefined;
}

export const teiTokenizeRequest: z.ZodType<TeiTokenizeRequest> = z
  .strictObject({
    inputs: z.union([z.string(), z.array(z.string()).min(1)]),
    add_special_tokens: z.boolean().default(true),
    prompt_name: z.string().nullish(),
  })
  .meta({ examples: [{ inputs: 'The river rose overnight.' }] });

/** The tokens of each text. */
export const teiTokenizeResponse: z.ZodType = z.array(
  z.array(
    z.object({
      id: z.int(),
      text: z.string(),
      special: z.boolean(),
      start: z.int().nullable(),
      stop: z.int().nullable(),
    }),
  ),
);

/** What the body of POST /decode says. */
export interface TeiDecodeRequest {
  readonly ids: readonly number[] | readonly (readonly number[])[];
  readonly skip_special_tokens: boolean;
}

export const teiDecodeRequest: z.ZodType<TeiDecodeRequest> = z
  .strictObject({
    ids: z.union([tokenIds, z.array(tokenIds).min(1)]),
    skip_special_tokens: z.boolean().default(true),
  })
  .meta({ examples: [{ ids: [[101, 102]] }] });

/** A text for each list. */
export const teiDecodeResponse: z.ZodType = z.array(z.string());

/** The body of POST /rerank. */
export const teiRerankRequest: z.ZodType = z
  .strictObject({
    query: z.string(),
    texts: z.array(z.string()).min(1),
    raw_scores: z.boolean().default(false),
    return_text: z.boolean().default(false),
    truncate: z.boolean().nullish(),
    truncation_direction: z.enum(['Left', 'Right', 'left', 'right']).optional(),
  })
  .meta({ examples: [{ query: 'When is bread baked?', texts: ['Bread is baked at dawn.', 'The river rose.'] }] });

/** The body of POST /v1/rerank, as Cohere and Jina have it. */
export const cohereRerankRequest: z.ZodType = z
  .object({
    model: z.string().min(1).max(500).optional(),
    query: z.string(),
    documents: z.array(z.union([z.string(), z.object({ text: z.string() })])).min(1),
    top_n: z.int().min(1).optional(),
    return_documents: z.boolean().default(false),
  })
  .meta({ examples: [{ query: 'When is bread baked?', documents: ['Bread is baked at dawn.'], top_n: 1 }] });

/** The body of POST /predict. */
export const teiPredictRequest: z.ZodType = z
  .strictObject({
    inputs: z.unknown(),
    raw_scores: z.boolean().default(false),
    truncate: z.boolean().nullish(),
    truncation_direction: z.enum(['Left', 'Right', 'left', 'right']).optional(),
  })
  .meta({ examples: [{ inputs: 'Bread is baked at dawn.' }] });

/** Kinds of errors in TEI's words. */
const TEI_ERROR_TYPES = ['Unhealthy', 'Backend', 'Overloaded', 'Validation', 'Tokenizer', 'Empty'] as const;

/** Every error of TEI's routes. */
export const teiError: z.ZodType = z
  .object({ error: z.string(), error_type: z.enum(TEI_ERROR_TYPES) })
  .meta({ id: 'TeiError' });

import { z } from 'zod';

/** A text, texts, token ids of one text, or token ids of texts. */
export type TextsOrTokens = string | readonly string[] | readonly number[] | readonly (readonly number[])[];

/** A list of token ids; whether the model knows them is checked against the model. */
export const tokenIds: z.ZodType<readonly number[]> = z.array(z.int().min(0)).min(1).max(1_000_000);

export const textsOrTokens: z.ZodType<TextsOrTokens> = z
  .union([z.string(), z.array(z.string()).min(1), tokenIds, z.array(tokenIds).min(1)], {
    error: 'must be a text, a list of texts, the token ids of a text, or a list of those',
  })
  .describe('A text, texts, token ids of one text, or token ids of texts. Token ids are fed to the model as they are.');

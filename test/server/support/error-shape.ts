import { z } from 'zod';

/** The three shapes of errors (server.md, 3), with no key more or less than they have. */
const SHAPES = {
  openai: z.strictObject({
    error: z.strictObject({
      message: z.string().min(1),
      type: z.string().min(1),
      param: z.string().nullable(),
      code: z.string().min(1),
    }),
  }),
  tei: z.strictObject({
    error: z.string().min(1),
    error_type: z.enum(['Unhealthy', 'Backend', 'Overloaded', 'Validation', 'Tokenizer', 'Empty']),
  }),
  native: z.strictObject({
    type: z.string(),
    title: z.string().min(1),
    status: z.int(),
    detail: z.string().min(1),
    code: z.string().min(1),
    retryable: z.boolean(),
    param: z.string().optional(),
    indices: z.array(z.int()).optional(),
    limit: z.number().optional(),
    received: z.number().optional(),
  }),
};

export type Family = keyof typeof SHAPES;

/** What a client of the family reads of an error; throws if it is not of its shape. */
export function errorOf(
  family: Family,
  body: unknown,
  contentType: string | null | undefined,
): { message: string; param: string | null } {
  const wanted = family === 'native' ? 'application/problem+json' : 'application/json';
  if (contentType?.split(';')[0] !== wanted) throw new Error(`${String(contentType)} instead of ${wanted}`);
  if (family === 'openai') return SHAPES.openai.parse(body).error;
  if (family === 'tei') return { message: SHAPES.tei.parse(body).error, param: null };
  const { detail, param = null } = SHAPES.native.parse(body);
  return { message: detail, param };
}

import type { z } from 'zod';
import { type Validated, validate } from './validate.js';

/** Checks a body by TEI's schema if it holds `inputs` and by our own if not: an error then speaks of the shape that is meant. */
export function bodyShapes(
  native: z.ZodType,
  tei: z.ZodType,
): (part: { readonly httpPart?: string }) => (value: unknown) => Validated {
  return ({ httpPart }) =>
    (value) => {
      if (httpPart !== 'body') return { value };
      const isTei = typeof value === 'object' && value !== null && 'inputs' in value;
      return validate(isTei ? tei : native, value, 'body');
    };
}

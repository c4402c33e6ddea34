import { z } from 'zod';
import { MOST_CONTENT_CHARACTERS } from '../../memory/check-input.js';
import { COGNITIVE_DIMENSIONS, type CognitiveDimension } from '../../memory/cognitive/cognitive-dimensions.js';

/** As the memory takes them: told in the schemas, so that whoever asks keeps to them. */
const MAX_NAME = 256;
const MAX_TAGS = 100;

const nameShape: z.ZodString = z
  .string()
  .min(1)
  .max(MAX_NAME)
  // The characters of Unicode's category Cc, in words that every validator of JSON Schema knows.
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not hold control characters');

export const contentShape: z.ZodString = z.string().regex(/\S/, 'must not be blank').max(MOST_CONTENT_CHARACTERS);
/** What a recall is asked. */
export const queryShape: z.ZodString = contentShape.max(10_000);
export const idShape: z.ZodString = nameShape;
export const tagsShape: z.ZodArray<z.ZodString> = z.array(nameShape).max(MAX_TAGS);
export const levelShape: z.ZodUnion<[z.ZodLiteral<0>, z.ZodLiteral<1>, z.ZodLiteral<2>]> = z.union([
  z.literal(0),
  z.literal(1),
  z.literal(2),
]);
export const kindShape: z.ZodEnum<{ episodic: 'episodic'; semantic: 'semantic' }> = z.enum(['episodic', 'semantic']);
export const shareShape: z.ZodNumber = z.number().min(0).max(1);
export const instantShape: z.ZodType<string, string> = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .describe('A moment such as 2025-03-01 or 2025-03-01T10:00:00Z');
export const profileShape: z.ZodType<
  Partial<Record<CognitiveDimension, number>>,
  Partial<Record<CognitiveDimension, number>>
> = z.partialRecord(z.enum(COGNITIVE_DIMENSIONS), shareShape);

/** Most memories of each group that a recall gives, and of a page. */
export const MAX_LIMIT = 100;
export const limitShape: z.ZodNumber = z.int().min(1).max(MAX_LIMIT);

/** The beginning of a text on one line. */
export function excerpt(content: string, length: number): string {
  const line = content.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  return `${line.slice(0, length).replace(/\s?\S*$/, '') || line.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')} ...`;
}

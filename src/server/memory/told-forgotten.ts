import { z } from 'zod';
import type { ForgetReport } from '../../memory/memory-input.js';
import type { FieldShapes } from './field-shapes.js';
import { excerpt } from './memory-shapes.js';

/** What was forgotten, or would be, as clients are told of it. */
export interface ToldForgotten {
  deleted: boolean;
  count: number;
  memories: { id: string; content: string; tags: string[] }[];
}

/** Most memories that an answer shows; the number of all is always in it. */
const SHOWN = 50;
const EXCERPT = 200;

/** Its fields, each with its schema. */
export const forgottenFields: FieldShapes<ToldForgotten> = {
  deleted: z.boolean().describe('false: nothing was deleted, this is what would be'),
  count: z.number(),
  memories: z.array(z.object({ id: z.string(), content: z.string(), tags: z.array(z.string()) })),
};

/** What clients are told of forgetting: all of the count, and the beginnings of some memories. */
export function toldForgotten({ removed, dryRun }: ForgetReport): ToldForgotten {
  return {
    deleted: !dryRun && removed.length > 0,
    count: removed.length,
    memories: removed
      .slice(0, SHOWN)
      .map(({ id, content, tags }) => ({ id, content: excerpt(content, EXCERPT), tags: [...tags] })),
  };
}

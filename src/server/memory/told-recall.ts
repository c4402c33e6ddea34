import { z } from 'zod';
import type { BridgeMemory, RecalledMemory } from '../../memory/ranking/rank-memories.js';
import { memoryShape, type ToldMemory, toldMemory } from './told-memory.js';

/** A memory that was recalled, with what its score is made of. */
export interface ToldRecalled {
  memory: ToldMemory;
  score: number;
  parts: {
    similarity: number;
    access: number;
    importance: number;
    kept: number;
    spread?: { from: string; steps: number; value: number } | undefined;
  };
}

export const recalledShape: z.ZodType<ToldRecalled, ToldRecalled> = z.object({
  memory: memoryShape,
  score: z.number(),
  parts: z.object({
    similarity: z.number(),
    access: z.number(),
    importance: z.number(),
    kept: z.number().describe('What the days without an access left of the three before'),
    spread: z
      .object({ from: z.string(), steps: z.number(), value: z.number() })
      .optional()
      .describe('What came along connections'),
  }),
});

/** A memory far from the query, and near to what it brought to mind. */
export interface ToldBridge {
  memory: ToldMemory;
  score: number;
  parts: { novelty: number; link: number; to: string };
}

export const bridgeShape: z.ZodType<ToldBridge, ToldBridge> = z.object({
  memory: memoryShape,
  score: z.number(),
  parts: z.object({ novelty: z.number(), link: z.number(), to: z.string() }),
});

/** What clients are told of a recalled memory; `uriOf` gives the address of one by its id. */
export function toldRecalled({ record, value, parts }: RecalledMemory, uriOf: (id: string) => string): ToldRecalled {
  const { similarity, access, importance, kept, spread } = parts;
  const told = spread === undefined ? {} : { spread: { from: spread.from, steps: spread.steps, value: spread.value } };
  return {
    memory: toldMemory(record, uriOf),
    score: value,
    parts: { similarity, access, importance, kept, ...told },
  };
}

/** What clients are told of a bridge. */
export function toldBridge({ record, value, parts }: BridgeMemory, uriOf: (id: string) => string): ToldBridge {
  const { novelty, link, to } = parts;
  return { memory: toldMemory(record, uriOf), score: value, parts: { novelty, link, to } };
}

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

/**
 * What a query asks by: a fact, the same by somebody whose mood has nothing to do with it, all of a topic, a topic in some mood or
 * setting, a mood or setting alone.
 */
export type QueryKind = 'fact' | 'fact in haste' | 'topic' | 'topic and facet' | 'facet';

/** A query and which memories answer it, by their index. */
export interface LabelledQuery {
  readonly kind: QueryKind;
  readonly text: string;
  readonly relevant: ReadonlySet<number>;
  /** Undefined where it asks for no topic. */
  readonly topic: string | undefined;
}

/** Memories of an assistant's life, and queries. */
export interface LabelledSet {
  readonly memories: readonly string[];
  readonly queries: readonly LabelledQuery[];
  readonly topics: readonly string[];
}

const topicSchema = z.object({
  topic: z.string(),
  query: z.string(),
  memories: z.array(z.object({ facet: z.string(), text: z.string(), query: z.string() })),
  facts: z.array(z.object({ text: z.string(), query: z.string() })),
});
const facetsSchema = z.array(z.object({ facet: z.string(), query: z.string() }));

const HASTE = 'I am stressed and annoyed, tell me right now: ';
const FOLDER = path.resolve(import.meta.dirname, 'labelled');
const FACETS = path.resolve(import.meta.dirname, 'facets.json');

/** Reads the set that was written for the benchmark: a file a topic, and the queries for moods and settings alone. */
export async function readLabelledSet(): Promise<LabelledSet> {
  const files = (await readdir(FOLDER)).sort();
  const topics = await Promise.all(
    files.map(async (file) => topicSchema.parse(JSON.parse(await readFile(path.join(FOLDER, file), 'utf8')))),
  );
  const memories: string[] = [];
  const queries: LabelledQuery[] = [];
  const ofFacet = new Map<string, Set<number>>();
  for (const { topic, query, memories: episodes, facts } of topics) {
    const first = memories.length;
    for (const { facet, text, query: asked } of episodes) {
      const index = memories.push(text) - 1;
      ofFacet.set(facet, (ofFacet.get(facet) ?? new Set()).add(index));
      queries.push({ kind: 'topic and facet', text: asked, relevant: new Set([index]), topic });
    }
    for (const { text, query: asked } of facts) {
      const relevant = new Set([memories.push(text) - 1]);
      queries.push({ kind: 'fact', text: asked, relevant, topic });
      queries.push({ kind: 'fact in haste', text: `${HASTE}${asked}?`, relevant, topic });
    }
    const all = new Set(Array.from({ length: memories.length - first }, (_, i) => first + i));
    queries.push({ kind: 'topic', text: query, relevant: all, topic });
  }
  for (const { facet, query } of facetsSchema.parse(JSON.parse(await readFile(FACETS, 'utf8')))) {
    queries.push({ kind: 'facet', text: query, relevant: ofFacet.get(facet) ?? new Set(), topic: undefined });
  }
  return { memories, queries, topics: topics.map(({ topic }) => topic) };
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { loadModel } from '#src/index.js';
import { createCognitiveEncoder } from '#src/memory/cognitive/cognitive-encoder.js';
import { identityFusion } from '#src/memory/cognitive/fusion/identity-fusion.js';
import { xavierFusion } from '#src/memory/cognitive/fusion/xavier-fusion.js';
import type { Provider } from '#src/providers/provider.js';

import { type LabelledQuery, type QueryKind, readLabelledSet } from './labelled-set.js';
import { meanMeasures, measureRanking, type RetrievalMeasures } from './retrieval-measures.js';

// How well memories are found by meaning alone, and by meaning fused with cognitive dimensions: recall@5 and nDCG@10 for
// every kind of query, and how many of the ten nearest neighbours by meaning stay, among texts about anything. Every other
// topic chooses the weight; the rest show whether the choice holds for queries that had no part in it. Run with
// `npm run bench:cognitive`.

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2' },
    /** Of the identity fusion, comma-separated. */
    weights: { type: 'string', default: '0,0.1,0.15,0.2,0.25,0.3,0.4,0.5,0.7,1' },
    seed: { type: 'string', default: '1' },
  },
});

const KINDS: readonly QueryKind[] = ['fact', 'fact in haste', 'topic', 'topic and facet', 'facet'];

const NEIGHBOURS = 10;
/** Texts that nobody wrote with moods in mind. */
const OTHER_TEXTS = path.resolve(import.meta.dirname, '../../data/int8/evaluation.jsonl');

/** For each query the indices of the texts, the nearest first. */
async function rankingsOf(
  provider: Provider,
  asked: readonly string[],
  stored: readonly string[],
): Promise<number[][]> {
  const rows = async (texts: readonly string[]): Promise<Float32Array[]> => {
    const { data, dimensions } = await provider.encodeBatch(texts);
    return texts.map((_, i) => data.subarray(i * dimensions, (i + 1) * dimensions));
  };
  const { data, columns } = provider.similarity(await rows(asked), await rows(stored));
  return asked.map((_, query) => {
    const scores = data.subarray(query * columns, (query + 1) * columns);
    return stored.map((_text, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  });
}

/** What a provider finds: the measures of every query, and the nearest neighbours of the other texts. */
async function resultOf(name: string, provider: Provider): Promise<Result> {
  const asked = queries.map(({ text }) => text);
  const rankings = await rankingsOf(provider, asked, memories);
  const neighbours = await rankingsOf(provider, others, others);
  return {
    name,
    measures: queries.map(({ relevant }, i) => measureRanking(rankings[i] ?? [], relevant)),
    neighbours: neighbours.map((ranking, own) => ranking.filter((i) => i !== own).slice(0, NEIGHBOURS)),
  };
}

interface Result {
  readonly name: string;
  readonly measures: readonly RetrievalMeasures[];
  readonly neighbours: readonly (readonly number[])[];
}

/** The share of neighbours that two results have in common. */
function kept(result: Result, reference: Result): string {
  const common = result.neighbours.flatMap((found, i) => found.filter((one) => reference.neighbours[i]?.includes(one)));
  return (common.length / (NEIGHBOURS * others.length)).toFixed(3);
}

/** By how much nDCG@10 of each query of a kind differs. */
function changesOf(kind: QueryKind, result: Result, reference: Result): number[] {
  const gain = ({ measures }: Result, i: number): number => measures[i]?.ndcgAt10 ?? NaN;
  return queries.flatMap((query, i) => (query.kind === kind ? [gain(result, i) - gain(reference, i)] : []));
}

/** A Markdown table of the queries that are meant: a row a vector, a column a kind of query. */
function table(title: string, isMeant: (query: LabelledQuery) => boolean): string {
  const meant = KINDS.map((kind) => queries.flatMap((query, i) => (query.kind === kind && isMeant(query) ? [i] : [])));
  const columns = KINDS.map((kind, at) => ({ kind, meant: meant[at] ?? [] })).filter(
    (column) => column.meant.length > 0,
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const heads = columns.map((column) => `${column.kind} (${column.meant.length})`);
  return [
    `${title}: recall@5 / nDCG@10`,
    '',
    line(['vector', ...heads]),
    line(['---', ...columns.map(() => '---')]),
    ...results.map(({ name, measures }) =>
      line([name, ...columns.map((column) => shown(column.meant.flatMap((i) => measures[i] ?? [])))]),
    ),
    '',
  ].join('\n');
}

function shown(all: readonly RetrievalMeasures[]): string {
  const { recallAt5, ndcgAt10 } = meanMeasures(all);
  return `${recallAt5.toFixed(3)} / ${ndcgAt10.toFixed(3)}`;
}

const { memories, queries, topics } = await readLabelledSet();
const others = (await readFile(OTHER_TEXTS, 'utf8'))
  .trim()
  .split('\n')
  .map((line) => z.object({ text: z.string() }).parse(JSON.parse(line)).text);
await using model = await loadModel(values.model);
const fusions = [
  ...values.weights.split(',').map((weight) => identityFusion({ weight: Number(weight) })),
  xavierFusion(Number(values.seed)),
];
const semantic = await resultOf('semantic only', model);
const results = [semantic];
for (const fusion of fusions) results.push(await resultOf(fusion.name, createCognitiveEncoder(model, { fusion })));
const choosing = new Set(topics.filter((_, i) => i % 2 === 0));
console.log(`${values.model}, ${memories.length} memories, ${queries.length} queries over ${topics.length} topics\n`);
console.log(
  table(
    `The weight is chosen by ${[...choosing].join(', ')}`,
    ({ topic }) => topic !== undefined && choosing.has(topic),
  ),
);
console.log(table('Other topics', ({ topic }) => topic !== undefined && !choosing.has(topic)));
console.log(table('All queries', () => true));
console.log(
  `Beside "semantic only": queries by topic and facet with a better and a worse nDCG@10, and the share that is kept`,
);
console.log(`of the ${NEIGHBOURS} nearest neighbours by meaning among ${others.length} other texts\n`);
console.log('| vector | better | worse | neighbours |\n| --- | --- | --- | --- |');
for (const result of results.slice(1)) {
  const changes = changesOf('topic and facet', result, semantic);
  const better = changes.filter((change) => change > 0).length;
  const worse = changes.filter((change) => change < 0).length;
  console.log(`| ${result.name} | ${better} | ${worse} | ${kept(result, semantic)} |`);
}

import { z } from 'zod';
import { contentShape, excerpt } from '../memory/memory-shapes.js';
import type { AgentEmbedder } from './agent-memory.js';
import { agentTool, type AgentTool } from './agent-tool.js';

/** Most texts of a call: vectors are long, and a model reads what a tool answers. */
const MAX_TEXTS = 64;

const textsShape = z.array(contentShape).min(1).max(MAX_TEXTS);

/** Tools by which agents use the model itself. */
export function embeddingTools(embedder: AgentEmbedder): readonly AgentTool[] {
  const annotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };
  return [
    agentTool({
      name: 'embed',
      title: 'Embed texts',
      description: 'The vectors of texts, for programs that compare or store them; to compare texts, use similarity.',
      input: z.strictObject({ texts: textsShape }),
      output: z.object({ model: z.string(), dimensions: z.number(), vectors: z.array(z.array(z.number())) }),
      annotations,
      run: async ({ texts }, signal) => {
        const { data, count, dimensions } = await embedder.encodeBatch(texts, { signal });
        const vectors = Array.from({ length: count }, (_, row) =>
          Array.from(data.subarray(row * dimensions, (row + 1) * dimensions)),
        );
        const { model } = embedder.space;
        return {
          value: { model, dimensions, vectors },
          text: `${count} ${count === 1 ? 'vector' : 'vectors'} of ${dimensions} dimensions by ${model}, in the structured content.`,
        };
      },
    }),
    agentTool({
      name: 'similarity',
      title: 'Compare texts',
      description:
        'How similar a text is to others in meaning, by the similarity of the model; higher is more similar.',
      input: z.strictObject({ text: contentShape, others: textsShape }),
      output: z.object({ model: z.string(), measure: z.string(), scores: z.array(z.number()) }),
      annotations,
      run: async ({ text, others }, signal) => {
        const { data, count, dimensions } = await embedder.encodeBatch([text, ...others], { signal });
        const rows = Array.from({ length: count }, (_, row) => data.subarray(row * dimensions, (row + 1) * dimensions));
        const scores = Array.from(embedder.similarity(rows.slice(0, 1), rows.slice(1)).data);
        const { model, similarity } = embedder.space;
        const lines = scores.map((score, at) => `${score.toFixed(4)}  ${excerpt(others[at] ?? '', 100)}`);
        return { value: { model, measure: similarity, scores }, text: lines.join('\n') };
      },
    }),
  ];
}

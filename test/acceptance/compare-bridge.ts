import { readFileSync } from 'node:fs';
import path from 'node:path';

import { isSameSpace, loadModel } from '#src/index.js';
import { z } from 'zod';

/** What {@link compareBridge} compares. */
export interface BridgeComparison {
  readonly python: string;
  readonly cache: string;
  readonly backends: readonly ('onnx' | 'torch')[];
  /** Folders of tiny checkpoints that run in process. */
  readonly tiny: readonly string[];
  /** Most golden texts of the real model. */
  readonly texts: number;
}

const MINILM = 'sentence-transformers/all-MiniLM-L6-v2';
/** Promised to users, beside in-process vectors. */
const TOLERANCE = 1e-6;
const golden = z.object({ text: z.string() });
const expectedSchema = z.object({ texts: z.array(z.string()) });

/** Compares the vectors of Python's backends with those of this process; throws where they differ by more than 1e-6. */
export async function compareBridge({ python, cache, backends, tiny, texts }: BridgeComparison): Promise<void> {
  const file = path.resolve(
    import.meta.dirname,
    '../../data/validation/sentence-transformers--all-MiniLM-L6-v2/texts.jsonl',
  );
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const all = lines.map((line) => golden.parse(JSON.parse(line)).text);
  const models: readonly { readonly id: string; readonly texts: readonly string[]; readonly cache?: string }[] = [
    { id: MINILM, texts: all.slice(0, texts) },
    ...tiny.map((id) => ({ id, cache, texts: tinyTexts(id) })),
  ];
  for (const backend of backends) {
    for (const { id, texts: own, ...place } of models) {
      const here = await loadModel(id, { provider: 'onnx', ...place });
      const there = await loadModel(id, { provider: `python/${backend}`, python, ...place });
      const left = await here.encodeBatch(own);
      const right = await there.encodeBatch(own);
      const scale = left.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      const error = left.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (right.data[i] ?? NaN))), 0);
      const same = left.tokens.every((count, i) => count === right.tokens[i]) && isSameSpace(here.space, there.space);
      console.log(
        `  ${there.info().provider.padEnd(13)} ${path.basename(id).padEnd(30)} ${own.length} texts, max abs error ${error.toExponential(2)}`,
      );
      await Promise.all([here.close(), there.close()]);
      if (!same || !(error <= TOLERANCE * scale)) throw new Error(`${backend} differs from this process on ${id}.`);
    }
  }
}

function tinyTexts(folder: string): readonly string[] {
  return expectedSchema.parse(JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8'))).texts;
}

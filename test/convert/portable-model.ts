import { readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  convertToPortable,
  listFolderFiles,
  type PortableConversion,
  type PortableOptions,
  readModelRecord,
  readTokenizerDefinition,
} from '#src/convert/index.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const TINY = path.resolve(import.meta.dirname, '../fixtures/tiny');

const expectedSchema = z.object({
  input_ids: z.array(z.array(z.number())),
  vectors: z.array(z.array(z.number())),
  fp32_vs_f64_max_abs: z.number(),
});

export function tinyFolder(name: string): string {
  return path.join(TINY, name);
}

/** What Python gives for a tiny checkpoint. */
export function expectedOf(name: string): z.infer<typeof expectedSchema> {
  return expectedSchema.parse(JSON.parse(readFileSync(path.join(TINY, name, 'expected.json'), 'utf8')));
}

/** A new folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'isovec-convert-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Converts a checkpoint as the command line does. */
export async function convertFolder(
  folder: string,
  options: Partial<PortableOptions> = {},
): Promise<PortableConversion> {
  const files = await listFolderFiles(folder);
  const record = await readModelRecord(files);
  const { json } = await readTokenizerDefinition(files, record);
  const out = options.out ?? path.join(await temporaryFolder(), 'portable');
  return convertToPortable(files, record, { ...options, out, tokenizer: json });
}

/** What a graph gives for a batch. */
export interface PortableOutput {
  /** float32 [batch x sequence x hidden]. */
  readonly tokens: Float32Array;
  readonly embeddings: readonly Float32Array[];
}

/** A portable graph in ONNX Runtime, fed as other tools feed it. */
export class PortableSession {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async load(folder: string, graph = 'onnx/model.onnx'): Promise<PortableSession> {
    const session = await InferenceSession.create(path.join(folder, graph), { intraOpNumThreads: 1 });
    onTestFinished(() => session.release());
    return new PortableSession(session);
  }

  /** Runs texts as one padded batch of `length` tokens; padding holds `padId`, which the mask hides. */
  async run(
    texts: readonly (readonly number[])[],
    { length = Math.max(...texts.map((ids) => ids.length)), side = 'right', padId = 0, type = 0 }: RunOptions = {},
  ): Promise<PortableOutput> {
    const ids = new BigInt64Array(texts.length * length).fill(BigInt(padId));
    const mask = new BigInt64Array(texts.length * length);
    texts.forEach((text, row) => {
      const begin = row * length + (side === 'right' ? 0 : length - text.length);
      text.forEach((id, i) => {
        ids[begin + i] = BigInt(id);
        mask[begin + i] = 1n;
      });
    });
    const shape = [texts.length, length];
    const types = new BigInt64Array(ids.length).fill(BigInt(type));
    const outputs = await this.#session.run({
      input_ids: new Tensor('int64', ids, shape),
      attention_mask: new Tensor('int64', mask, shape),
      token_type_ids: new Tensor('int64', types, shape),
    });
    const tokens = floats(outputs['last_hidden_state']);
    const embeddings = floats(outputs['sentence_embedding']);
    const size = embeddings.length / texts.length;
    return { tokens, embeddings: texts.map((_, row) => embeddings.slice(row * size, (row + 1) * size)) };
  }
}

/** How a batch is padded. */
export interface RunOptions {
  readonly length?: number;
  readonly side?: 'left' | 'right';
  readonly padId?: number;
  readonly type?: number;
}

function floats(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error('the graph gave no float32 output');
}

/** Largest difference of a row from the begin of another: a saved truncate_dim cuts Python's vectors, not the graph's. */
export function maxAbsoluteError(row: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (row.length < expected.length || expected.length === 0) throw new Error(`${row.length} values`);
  return Math.max(...Array.from(expected, (value, i) => Math.abs(value - (row[i] ?? NaN))));
}

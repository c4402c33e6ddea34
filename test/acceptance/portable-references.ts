import { readFile } from 'node:fs/promises';
import path from 'node:path';

import {
  convertToPortable,
  listFolderFiles,
  type ModelFiles,
  type PortableOptions,
  readModelRecord,
  readTokenizerDefinition,
} from '#src/convert/index.js';
import { obtainFiles } from '#src/engine/load-model.js';
import { chooseQuantization } from '#src/engine/quantize/quantization.js';
import { quantizeCheckpoint } from '#src/engine/quantize/quantize-checkpoint.js';
import { readSettings } from '#src/engine/settings.js';
import { z } from 'zod';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MINILM = 'sentence-transformers/all-MiniLM-L6-v2';
const INT8_MINILM = 'all-MiniLM-L6-v2-int8';

/** A portable folder with what Python's sentence-transformers gives for some texts. */
export interface PortableReference {
  readonly name: string;
  readonly folder: string;
  /** Path of the graph below the folder. */
  readonly graph: string;
  readonly texts: readonly string[];
  /** Ids as the model is fed, special tokens included, cut at its limit. */
  readonly inputIds: readonly (readonly number[])[];
  readonly vectors: readonly (readonly number[])[];
  /** Largest absolute error of a float32 vector, padded batches included. */
  readonly tolerance: number;
  /** Lowest cosine to Python's float32 vectors, in place of the tolerance, where the weights are int8. */
  readonly leastCosine?: number;
}

interface PythonVectors {
  readonly texts: readonly string[];
  readonly inputIds: readonly (readonly number[])[];
  readonly vectors: readonly (readonly number[])[];
}

/** How a file is written, and judged where the tolerance does not say it. */
interface Form extends Pick<PortableOptions, 'opset' | 'externalData' | 'quantize'> {
  readonly leastCosine?: number;
}

/** Texts of the real model in the short form, the ten scenarios among them. */
const SHORT = 40;

/** Converts the real model and tiny ones, the latter in further forms of the file; `short` leaves most texts out. */
export async function convertReferences(out: string, short = false): Promise<PortableReference[]> {
  const references: PortableReference[] = [];
  const add = async (
    name: string,
    files: ModelFiles,
    python: PythonVectors,
    tolerance: number,
    { leastCosine, ...form }: Form = {},
  ): Promise<void> => {
    const record = await readModelRecord(files);
    const { json } = await readTokenizerDefinition(files, record);
    const folder = path.join(out, name);
    const options = { out: folder, overwrite: true, tokenizer: json, ...form };
    const { graph } = await convertToPortable(files, record, options);
    const { texts, inputIds, vectors } = python;
    const count = short ? SHORT : texts.length;
    references.push({
      name,
      folder,
      graph,
      texts: texts.slice(0, count),
      inputIds: inputIds.slice(0, count),
      vectors: vectors.slice(0, count),
      tolerance,
      ...(leastCosine === undefined ? {} : { leastCosine }),
    });
  };
  // Padding changes the order of float32 sums: Python's own padded batches differ from single texts by 2.5e-7.
  await add('all-MiniLM-L6-v2', await obtainFiles(MINILM, {}, readSettings()), await goldenMiniLm(), 6e-7);
  const tiny = (name: string): string => path.join(ROOT, 'test/fixtures/tiny', name);
  for (const name of ['bert-dense', 'bert-multipool']) {
    const [files, python] = [await listFolderFiles(tiny(name)), await expectedOf(tiny(name))];
    await add(name, files, python, 4e-6);
    for (const opset of [20, 23]) {
      await add(`${name}-opset-${opset}-external`, files, python, 4e-6, { opset, externalData: true });
    }
  }
  // By default with as many bits as this processor, which runs the file, adds exactly.
  const chosen = await chooseQuantization({});
  const quantizer = async (files: ModelFiles): Promise<NonNullable<PortableOptions['quantize']>> => {
    const record = await readModelRecord(files);
    const model = { files, record, tokenizer: await readTokenizerDefinition(files, record) };
    return (checkpoint) => quantizeCheckpoint(checkpoint, model, chosen, { signal: undefined, onProgress: undefined });
  };
  const miniLm = await obtainFiles(MINILM, {}, readSettings());
  await add(INT8_MINILM, miniLm, await goldenMiniLm(), 1, {
    quantize: await quantizer(miniLm),
    leastCosine: 0.98,
  });
  const dense = await listFolderFiles(tiny('bert-dense'));
  await add('bert-dense-int8-opset-21-external', dense, await expectedOf(tiny('bert-dense')), 1, {
    quantize: await quantizer(dense),
    leastCosine: 0.999,
    opset: 21,
    externalData: true,
  });
  return references;
}

async function goldenMiniLm(): Promise<PythonVectors> {
  const folder = path.join(ROOT, 'data/validation/sentence-transformers--all-MiniLM-L6-v2');
  const lines = async <T>(file: string, schema: z.ZodType<T>): Promise<T[]> =>
    (await readFile(path.join(folder, file), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => schema.parse(JSON.parse(line)));
  const texts = await lines('texts.jsonl', z.object({ text: z.string() }));
  const tokens = await lines('tokens.jsonl', z.object({ input_ids: z.array(z.number()) }));
  const bytes = await readFile(path.join(folder, 'vectors.f32'));
  const dimensions = bytes.length / 4 / texts.length;
  const vectors = texts.map((_, row) =>
    Array.from({ length: dimensions }, (_, column) => bytes.readFloatLE(4 * (row * dimensions + column))),
  );
  return { texts: texts.map(({ text }) => text), inputIds: tokens.map((line) => line.input_ids), vectors };
}

async function expectedOf(folder: string): Promise<PythonVectors> {
  const schema = z.object({
    texts: z.array(z.string()),
    input_ids: z.array(z.array(z.number())),
    vectors: z.array(z.array(z.number())),
  });
  const {
    texts,
    input_ids: inputIds,
    vectors,
  } = schema.parse(JSON.parse(await readFile(path.join(folder, 'expected.json'), 'utf8')));
  return { texts, inputIds, vectors };
}

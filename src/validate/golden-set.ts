import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseJson } from '../formats/json/parse-json.js';
import { hostBytes } from '../formats/little-endian.js';
import type { EmbeddingSpace } from '../models/embedding-space.js';
import { IsovecError } from '../shared/isovec-error.js';
import { parseJsonLines } from './json-lines.js';
import type { ReferenceText } from './reference-data.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const tolerances = z.strictObject({ float32: z.number().positive(), float64: z.number().positive() });

/** Largest absolute errors against Python's vectors of either precision. */
interface GoldenTolerances {
  readonly float32: number;
  readonly float64: number;
}

/** The files of a golden set beside expectation.json. */
type GoldenFile = 'texts.jsonl' | 'tokens.jsonl' | 'vectors.f32' | 'remainders.f32';

/** What expectation.json says about a golden set. */
export interface Expectation {
  /** Id of the model in its repository. */
  readonly model: string;
  /** The Python packages that made the data, by name. */
  readonly madeWith: Readonly<Record<string, string>>;
  /** The parts of the model's space that decide whether its vectors can be compared at all. */
  readonly space: Readonly<
    Pick<EmbeddingSpace, 'checkpoint' | 'includePrompt' | 'head' | 'normalized' | 'dimensions' | 'maxSequenceLength'>
  > & { readonly pooling: readonly string[]; readonly defaultPromptName: string | null };
  readonly texts: number;
  readonly tolerances: { readonly scenarios: GoldenTolerances; readonly all: GoldenTolerances };
  /** SHA-256 by file name. */
  readonly files: Readonly<Record<GoldenFile, string>>;
}

const expectationSchema: z.ZodType<Expectation> = z.strictObject({
  model: z.string().min(1),
  madeWith: z.record(z.string(), z.string()),
  space: z.strictObject({
    checkpoint: digest,
    pooling: z.array(z.string()),
    includePrompt: z.boolean(),
    head: z.array(z.string()),
    normalized: z.boolean(),
    dimensions: z.int().positive(),
    maxSequenceLength: z.int().positive(),
    defaultPromptName: z.string().nullable(),
  }),
  texts: z.int().positive(),
  tolerances: z.strictObject({ scenarios: tolerances, all: tolerances }),
  files: z.strictObject({
    'texts.jsonl': digest,
    'tokens.jsonl': digest,
    'vectors.f32': digest,
    'remainders.f32': digest,
  }),
});

/** Texts with the token ids and vectors that Python gave for them. */
export interface GoldenSet {
  readonly expectation: Expectation;
  readonly texts: readonly ReferenceText[];
  /** As `SentenceTransformer.encode` gave them, one text a call: one row of `dimensions` per text. */
  readonly float32: readonly Float32Array[];
  /** The same after `model.double()`. */
  readonly float64: readonly Float64Array[];
}

const textSchema = z.strictObject({ id: z.string().min(1), text: z.string(), tags: z.array(z.string()) });
const tokensSchema = z.strictObject({
  id: z.string(),
  input_ids: z.array(z.int().nonnegative()).min(1),
  untruncated_length: z.int().positive(),
});

const EXPECTATION = 'expectation.json';
/** The same relative path leads from src/validate and from dist/validate. */
const SHIPPED = new URL('../../data/validation/', import.meta.url);

/** The tag of the built-in scenarios; the tag after it says what kind of text it is. */
const SCENARIO = 'scenario';

/** The folders of the golden sets in the package, each with what it expects. INTERNAL if they are missing. */
export async function listGoldenSets(): Promise<{ readonly folder: string; readonly expectation: Expectation }[]> {
  const root = fileURLToPath(SHIPPED);
  let names: string[];
  try {
    names = await readdir(root);
  } catch (cause) {
    throw new IsovecError('INTERNAL', 'data/validation is missing from the package: install isovec again.', { cause });
  }
  const folders = names
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => join(root, name));
  return Promise.all(folders.map(async (folder) => ({ folder, expectation: await readExpectation(folder) })));
}

/**
 * A golden set, checked whole. INTERNAL for a missing file, DIGEST_MISMATCH for one that is not the published one,
 * FORMAT_INVALID for contents that break a rule; each names the file.
 */
export async function loadGoldenSet(folder: string): Promise<GoldenSet> {
  const expectation = await readExpectation(folder);
  const { texts: count, space } = expectation;
  const read = async (name: GoldenFile): Promise<Uint8Array> => {
    const bytes = await readShipped(folder, name);
    if (createHash('sha256').update(bytes).digest('hex') === expectation.files[name]) return bytes;
    throw new IsovecError(
      'DIGEST_MISMATCH',
      `${name} of the golden set of ${expectation.model} is not the published file: install isovec again.`,
      { data: { file: name } },
    );
  };
  const texts = parseLines(await read('texts.jsonl'), 'texts.jsonl', textSchema, count);
  const tokens = parseLines(await read('tokens.jsonl'), 'tokens.jsonl', tokensSchema, count);
  const elements = count * space.dimensions;
  const readElements = async (name: 'vectors.f32' | 'remainders.f32'): Promise<Float32Array> => {
    const bytes = await read(name);
    const expected = elements * Float32Array.BYTES_PER_ELEMENT;
    if (bytes.byteLength !== expected) {
      throw broken(name, `it holds ${bytes.byteLength} bytes where ${expected} are expected`);
    }
    const singles = hostBytes(bytes, Float32Array.BYTES_PER_ELEMENT);
    return new Float32Array(singles.buffer, singles.byteOffset, elements);
  };
  const float32 = await readElements('vectors.f32');
  // What float64 adds to float32 fits into float32, within 2e-14: half the bytes of float64.
  const remainders = await readElements('remainders.f32');
  const float64 = Float64Array.from(float32, (value, at) => value + (remainders[at] ?? Number.NaN));
  return {
    expectation,
    texts: texts.map(({ id, text, tags }, index) => {
      const line = tokens[index];
      if (line?.id !== id) throw broken('tokens.jsonl', `line ${index + 1} is not about ${id}`);
      const scenario = tags.includes(SCENARIO);
      const label = tags.find((tag) => tag !== SCENARIO) ?? '';
      return { id, label, text, scenario, inputIds: line.input_ids, untruncatedLength: line.untruncated_length };
    }),
    float32: texts.map((_, row) => float32.subarray(row * space.dimensions, (row + 1) * space.dimensions)),
    float64: texts.map((_, row) => float64.subarray(row * space.dimensions, (row + 1) * space.dimensions)),
  };
}

async function readExpectation(folder: string): Promise<Expectation> {
  const result = expectationSchema.safeParse(parseJson(await readShipped(folder, EXPECTATION), EXPECTATION));
  if (!result.success) throw broken(EXPECTATION, z.prettifyError(result.error));
  return result.data;
}

function parseLines<T>(bytes: Uint8Array, file: string, schema: z.ZodType<T>, count: number): T[] {
  const lines = parseJsonLines(bytes, file).map(({ value, line }) => {
    const result = schema.safeParse(value);
    if (!result.success) throw broken(file, `line ${line}: ${z.prettifyError(result.error)}`);
    return result.data;
  });
  if (lines.length !== count) throw broken(file, `it holds ${lines.length} lines where ${count} are expected`);
  return lines;
}

async function readShipped(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    throw new IsovecError('INTERNAL', `${name} of a golden set cannot be read: install isovec again.`, {
      cause,
      data: { file: name },
    });
  }
}

function broken(file: string, rule: string): IsovecError {
  return new IsovecError('FORMAT_INVALID', `${file} of a golden set is damaged: ${rule}. Install isovec again.`, {
    data: { file },
  });
}

import { readFileSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type Embedder, type LoadOptions, loadModel } from '#src/index.js';
import { isIsovecError, type IsovecError } from '#src/shared/isovec-error.js';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures');

export function tinyFolder(name: string): string {
  return path.join(FIXTURES, 'tiny', name);
}

export function hostileFolder(name: string): string {
  return path.join(FIXTURES, 'hostile', name);
}

const expectedSchema = z.object({
  texts: z.array(z.string()),
  input_ids: z.array(z.array(z.number())),
  vectors: z.array(z.array(z.number())),
  fp32_vs_f64_max_abs: z.number(),
});

/** What Python gives for a tiny checkpoint. */
export function expectedOf(name: string): z.infer<typeof expectedSchema> {
  return expectedSchema.parse(JSON.parse(readFileSync(path.join(tinyFolder(name), 'expected.json'), 'utf8')));
}

/** A new folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'isovec-engine-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A copy of a tiny checkpoint that a test may change. */
export async function copyOfTiny(name: string): Promise<string> {
  const folder = path.join(await temporaryFolder(), 'model');
  await cp(tinyFolder(name), folder, { recursive: true });
  return folder;
}

/** Loads a folder with a cache of its own; closed after the test. */
export async function loadFolder(folder: string, options: LoadOptions = {}): Promise<Embedder> {
  const model = await loadModel(folder, { cache: await temporaryFolder(), threads: 1, ...options });
  onTestFinished(() => model.close());
  return model;
}

export function loadTiny(name: string, options: LoadOptions = {}): Promise<Embedder> {
  return loadFolder(tinyFolder(name), options);
}

/** The error a call rejects with or throws, which must be of the product. */
export async function failure(call: () => unknown): Promise<IsovecError> {
  try {
    await call();
  } catch (error) {
    if (isIsovecError(error)) return error;
    throw error;
  }
  throw new Error('did not fail');
}

/** Largest difference of two rows. */
export function maxAbsoluteError(row: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (row.length !== expected.length) throw new Error(`${row.length} values instead of ${expected.length}`);
  return Math.max(...Array.from(row, (value, i) => Math.abs(value - (expected[i] ?? NaN))));
}

/** Texts of one to about thirty words, no two alike. */
export function numberedTexts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `text ${i}${' the river'.repeat((i * 7) % 14)}`);
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { encodeSafetensors, type SafetensorsTensor } from '#src/formats/safetensors/index.js';
import { fuseRow } from '#src/memory/cognitive/fusion/fuse-row.js';
import type { FusionLayer } from '#src/memory/cognitive/fusion/fusion-weights.js';
import { identityFusion } from '#src/memory/cognitive/fusion/identity-fusion.js';
import { readFusionWeights } from '#src/memory/cognitive/fusion/read-fusion-weights.js';
import { xavierFusion } from '#src/memory/cognitive/fusion/xavier-fusion.js';
import { cosine } from '#src/vector/index.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { failure } from '../../engine/support/tiny-model.js';

const D = 8;
const SIZE = D + 16;

function semantic(seed: number): Float32Array {
  return Float32Array.from({ length: D }, (_, i) => Math.sin(seed * 7 + i * 3));
}

function profile(...values: number[]): Float32Array {
  const row = new Float32Array(16);
  row.set(values);
  return row;
}

/** The layer in plain loops over a whole matrix: what PyTorch's Linear and LayerNorm compute. */
function expectedRow(vector: Float32Array, dimensions: Float32Array, layer: FusionLayer): number[] {
  const length = Math.hypot(...vector);
  const input = [...Array.from(vector, (value) => value / length), ...dimensions];
  const { values, kind } = layer.matrix;
  const linear = input.map((_, row) => {
    let sum = layer.bias[row] ?? NaN;
    for (const [column, value] of input.entries()) {
      const weight = kind === 'full' ? values[row * input.length + column] : row === column ? values[row] : 0;
      sum += value * (weight ?? NaN);
    }
    return sum;
  });
  const mean = linear.reduce((sum, value) => sum + value, 0) / linear.length;
  const variance = linear.reduce((sum, value) => sum + (value - mean) ** 2, 0) / linear.length;
  return linear.map(
    (value, i) =>
      ((value - mean) / Math.sqrt(variance + 1e-5)) * (layer.normWeight[i] ?? NaN) + (layer.normBias[i] ?? NaN),
  );
}

function floats(name: string, shape: readonly number[], value: (i: number) => number): SafetensorsTensor {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i));
  return { name, dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) };
}

function trained(): SafetensorsTensor[] {
  return [
    floats('linear.weight', [SIZE, SIZE], (i) => Math.cos(i)),
    floats('linear.bias', [SIZE], (i) => i / 10),
    floats('norm.weight', [SIZE], (i) => 1 + i / 100),
    floats('norm.bias', [SIZE], (i) => -i / 50),
  ];
}

async function fileOf(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'isovec-fusion-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'fusion.safetensors');
  await writeFile(file, bytes);
  return file;
}

describe('fusing', () => {
  it('computes what Linear and LayerNorm compute, rounded to float32 once', async () => {
    const weights = [
      identityFusion({ weight: 0.3 }),
      xavierFusion(5),
      await readFusionWeights(await fileOf(encodeSafetensors(trained()))),
    ];
    for (const { layer } of weights) {
      const row = fuseRow(semantic(1), profile(0.5, 0, 1), layer(D));
      for (const [i, value] of expectedRow(semantic(1), profile(0.5, 0, 1), layer(D)).entries()) {
        expect(row[i]).toBeCloseTo(value, 5);
      }
    }
  });

  it('takes the direction of a semantic vector, not its length', () => {
    const layer = identityFusion().layer(D);
    const row = fuseRow(semantic(2), profile(1), layer);
    const long = fuseRow(
      semantic(2).map((value) => value * 64),
      profile(1),
      layer,
    );
    expect(long).toEqual(row);
  });

  it('keeps the order by meaning where the weight is 0, and moves equal moods nearer where it is not', () => {
    const plain = identityFusion({ weight: 0 }).layer(D);
    const mood = identityFusion({ weight: 0.5 }).layer(D);
    const [a, b] = [profile(1, 0, 0), profile(0, 1, 0)];
    expect(fuseRow(semantic(1), a, plain)).toEqual(fuseRow(semantic(1), b, plain));
    const same = cosine(fuseRow(semantic(1), a, mood), fuseRow(semantic(3), a, mood));
    const other = cosine(fuseRow(semantic(1), a, mood), fuseRow(semantic(3), b, mood));
    expect(same).toBeGreaterThan(other);
  });
});

describe('fusion weights', () => {
  it('have a digest that changes with whatever they are made from', () => {
    const digests = [
      identityFusion(),
      identityFusion({ weight: 0 }),
      identityFusion({ weight: 0.31 }),
      xavierFusion(0),
      xavierFusion(1),
    ].map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(identityFusion({ weight: 0.31 }).digest).toBe(digests[2]);
  });

  it('of a seed are the same on every machine: the generator is that of the name', () => {
    const { values } = xavierFusion(42).layer(D).matrix;
    const bound = Math.sqrt(6 / (2 * SIZE));
    expect(values.length).toBe(SIZE * SIZE);
    expect(values.every((value) => Math.abs(value) <= bound)).toBe(true);
    // mulberry32(42) begins with 0.6011037519201636 and 0.44829055899754167.
    expect(values[0]).toBe(Math.fround((2 * 0.6011037519201636 - 1) * bound));
    expect(values[1]).toBe(Math.fround((2 * 0.44829055899754167 - 1) * bound));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.05 * bound);
  });

  it('of a file have a digest of their values alone', async () => {
    const file = await fileOf(encodeSafetensors(trained(), [['made', 'today']]));
    const { digest } = await readFusionWeights(file);
    expect((await readFusionWeights(await fileOf(encodeSafetensors(trained())))).digest).toBe(digest);
    const [weight, ...rest] = trained();
    const other = [floats('linear.weight', [SIZE, SIZE], (i) => Math.cos(i) + (i === 9 ? 1e-3 : 0)), ...rest];
    expect(weight?.name).toBe('linear.weight');
    expect((await readFusionWeights(await fileOf(encodeSafetensors(other)))).digest).not.toBe(digest);
  });

  it.each<[string, () => SafetensorsTensor[], string]>([
    ['a missing tensor', () => trained().slice(0, 3), 'norm.bias'],
    ['a foreign tensor', () => [...trained(), floats('extra', [1], () => 0)], 'extra'],
    [
      'a matrix that is not square',
      () => [floats('linear.weight', [SIZE, D], () => 0), ...trained().slice(1)],
      '[24, 8]',
    ],
    ['no room for meaning', () => [floats('linear.weight', [16, 16], () => 0)], 'at least 17'],
    [
      'a value that is not finite',
      () => [...trained().slice(0, 3), floats('norm.bias', [SIZE], (i) => (i === 3 ? NaN : 0))],
      'NaN at index 3 of norm.bias',
    ],
  ])('of a file with %s are WEIGHTS_MISMATCH', async (_name, tensors, message) => {
    const file = await fileOf(encodeSafetensors(tensors()));
    const error = await failure(() => readFusionWeights(file));
    expect(error.code).toBe('WEIGHTS_MISMATCH');
    expect(error.message).toContain(message);
  });

  it('of no file, of no safetensors file and for another model are refused', async () => {
    expect((await failure(() => readFusionWeights('nowhere.safetensors'))).code).toBe('MODEL_FILE_MISSING');
    const broken = await fileOf(new Uint8Array(40));
    expect((await failure(() => readFusionWeights(broken))).code).toBe('FORMAT_INVALID');
    const { layer } = await readFusionWeights(await fileOf(encodeSafetensors(trained())));
    expect((await failure(() => layer(D + 1))).code).toBe('WEIGHTS_MISMATCH');
  });

  it.each([NaN, -1, Infinity])('of the weight %s are CONFIG_INVALID', async (weight) => {
    expect((await failure(() => identityFusion({ weight }))).code).toBe('CONFIG_INVALID');
  });

  it.each([-1, 0.5, 2 ** 32])('of the seed %s are CONFIG_INVALID', async (seed) => {
    expect((await failure(() => xavierFusion(seed))).code).toBe('CONFIG_INVALID');
  });
});

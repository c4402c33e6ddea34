import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeOnnxModel } from '#src/formats/onnx/encode-onnx-model.js';
import { encodeSafetensors } from '#src/formats/safetensors/encode-safetensors.js';
import { readSafetensorsHeader } from '#src/formats/safetensors/read-safetensors-header.js';
import { bytesSource } from '#src/formats/safetensors/bytes-source.js';
import { float32Bytes, gemmModel } from './onnx-models.js';

// W is [2, 3]; y = 0.5 x W + b with b = [0.5, -0.5, 0].
const weight = float32Bytes(1, 2, 3, 4, 5, 6);
const x = new Tensor('float32', Float32Array.of(1, 0, 0, 2, -1, 1), [3, 2]);
const expected = [1, 0.5, 1.5, 4.5, 4.5, 6, 2, 1, 1.5];

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isovec-onnx-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function run(model: string | Uint8Array): Promise<number[]> {
  const session =
    typeof model === 'string' ? await InferenceSession.create(model) : await InferenceSession.create(model);
  try {
    const { y } = await session.run({ x });
    expect(y?.dims).toEqual([3, 3]);
    return y?.data instanceof Float32Array ? [...y.data] : [];
  } finally {
    await session.release();
  }
}

describe('ONNX Runtime runs what encodeOnnxModel writes', () => {
  test('with inline weights', async () => {
    expect(await run(encodeOnnxModel(gemmModel({ kind: 'inline', bytes: weight })))).toEqual(expected);
  });

  test('with weights at their place inside a safetensors file beside the model', async () => {
    const file = encodeSafetensors([
      { name: 'other', dtype: 'F32', shape: [1], bytes: float32Bytes(99) },
      { name: 'projection.weight', dtype: 'F32', shape: [2, 3], bytes: weight },
    ]);
    const location = 'model.safetensors';
    const { tensors } = await readSafetensorsHeader(bytesSource(location, file));
    const info = tensors.get('projection.weight');
    const offset = info?.begin ?? -1;
    const model = gemmModel({ kind: 'external', location, offset, length: weight.byteLength });
    writeFileSync(join(folder, location), file);
    writeFileSync(join(folder, 'model.onnx'), encodeOnnxModel(model));
    expect(await run(join(folder, 'model.onnx'))).toEqual(expected);
  });
});

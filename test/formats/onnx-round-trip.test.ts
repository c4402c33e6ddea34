import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeOnnxModel } from '#src/formats/onnx/decode-onnx-model.js';
import { encodeOnnxModel } from '#src/formats/onnx/encode-onnx-model.js';
import { inspectOnnxModel } from '#src/formats/onnx/inspect-onnx-model.js';
import type { OnnxAttribute, OnnxModel, OnnxTensor } from '#src/formats/onnx/onnx-model.js';
import { IsovecError } from '#src/shared/isovec-error.js';
import { caughtError } from './caught-error.js';
import { mutated } from './mutated.js';
import { anyOnnxModel, float32Bytes, gemmModel } from './onnx-models.js';

const inline = { kind: 'inline', bytes: float32Bytes(1, 2, 3, 4, 5, 6) } as const;

/** Objects with their keys in the opposite order. */
function reversed<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).reverse());
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(anyOnnxModel, (model) => {
      expect(decodeOnnxModel(encodeOnnxModel(model))).toEqual(model);
    }),
    { seed: 71, numRuns: 300 },
  );
});

test('the order of attributes and metadata does not change the bytes', () => {
  fc.assert(
    fc.property(anyOnnxModel, (model) => {
      const other: OnnxModel = {
        ...model,
        nodes: model.nodes.map((node) => ({ ...node, attributes: reversed(node.attributes) })),
        metadata: reversed(model.metadata),
      };
      expect(encodeOnnxModel(other)).toEqual(encodeOnnxModel(model));
    }),
    { seed: 72 },
  );
});

test('a large inline tensor survives', () => {
  const bytes = Uint8Array.from({ length: 3 << 20 }, (_, index) => (index * 31) & 0xff);
  const tensor: OnnxTensor = { name: 'big', dtype: 'int8', dims: [3, 1 << 20], data: { kind: 'inline', bytes } };
  const { initializers } = decodeOnnxModel(encodeOnnxModel({ ...gemmModel(inline), initializers: [tensor] }));
  const data = initializers[0]?.data;
  expect(data?.kind === 'inline' && Buffer.compare(data.bytes, bytes) === 0).toBe(true);
});

test('a mutated model is read or refused with FORMAT_INVALID', () => {
  const good = encodeOnnxModel(gemmModel({ kind: 'external', location: 'w.bin', offset: 8, length: 24 }));
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(mutated(good), (bytes) => {
      for (const call of [decodeOnnxModel, inspectOnnxModel]) {
        try {
          call(bytes);
          read++;
        } catch (error) {
          expect(error).toBeInstanceOf(IsovecError);
          expect(error).toHaveProperty('code', 'FORMAT_INVALID');
          refused++;
        }
      }
    }),
    { seed: 73, numRuns: 10_000 },
  );
  expect(Math.min(read, refused)).toBeGreaterThan(1000);
});

describe('encodeOnnxModel refuses', () => {
  const external = { kind: 'external', location: 'w.bin', offset: 0, length: 24 } as const;
  const withAttribute = (attribute: OnnxAttribute): OnnxModel => {
    const model = gemmModel(inline);
    return { ...model, nodes: model.nodes.map((node) => ({ ...node, attributes: { key: attribute } })) };
  };
  test.each<[string, OnnxModel, string]>([
    ['data that does not fit its shape', gemmModel({ kind: 'inline', bytes: new Uint8Array(23) }), '"W"'],
    ['external data that does not fit its shape', gemmModel({ ...external, length: 28 }), '"W"'],
    ['external data at a negative offset', gemmModel({ ...external, offset: -1 }), 'offset'],
    ...['../w.bin', '/w.bin', 'a/../w.bin', './w.bin', 'a\\w.bin', 'C:w.bin', 'a//w.bin', ''].map(
      (location): [string, OnnxModel, string] => [
        `the location ${JSON.stringify(location)}`,
        gemmModel({ ...external, location }),
        'outside the folder',
      ],
    ),
    ['a fractional int', withAttribute({ kind: 'int', value: 0.5 }), '"key"'],
    ['an int beyond 2^53', withAttribute({ kind: 'ints', value: [1, 2 ** 53] }), '"key"'],
    ['a float beyond float32', withAttribute({ kind: 'float', value: 1e39 }), 'float32'],
    [
      'strings as data',
      {
        ...gemmModel(inline),
        initializers: [{ name: 's', dtype: 'string', dims: [0], data: { kind: 'inline', bytes: new Uint8Array(0) } }],
      },
      'string',
    ],
    ['a negative dimension', { ...gemmModel(inline), inputs: [{ name: 'x', dtype: 'int8', dims: [-1] }] }, '"x"'],
    [
      'an input named as an initializer',
      { ...gemmModel(inline), inputs: [{ name: 'W', dtype: 'float32', dims: [2, 3] }] },
      '"W"',
    ],
  ])('%s', async (_, model, mention) => {
    const error = await caughtError(() => encodeOnnxModel(model));
    expect(error.code).toBe('INPUT_INVALID');
    expect(error.message).toContain(mention);
  });
});

import fc from 'fast-check';
import type { OnnxAttribute, OnnxDtype, OnnxModel, OnnxTensor } from '#src/formats/onnx/onnx-model.js';

/** Little-endian bytes of float32 values. */
export function float32Bytes(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true);
  return bytes;
}

/** y = x W + b with x [batch, 2], W [2, 3] as `weight` says and b [3] inline. */
export function gemmModel(weight: OnnxTensor['data']): OnnxModel {
  return {
    irVersion: 10,
    opsets: [{ domain: '', version: 21 }],
    producerName: 'isovec',
    producerVersion: '1',
    graphName: 'gemm',
    nodes: [
      {
        name: 'product',
        opType: 'Gemm',
        domain: '',
        inputs: ['x', 'W', 'b'],
        outputs: ['y'],
        attributes: { alpha: { kind: 'float', value: 0.5 }, transA: { kind: 'int', value: 0 } },
      },
    ],
    initializers: [
      { name: 'W', dtype: 'float32', dims: [2, 3], data: weight },
      { name: 'b', dtype: 'float32', dims: [3], data: { kind: 'inline', bytes: float32Bytes(0.5, -0.5, 0) } },
    ],
    inputs: [{ name: 'x', dtype: 'float32', dims: ['batch', 2] }],
    outputs: [{ name: 'y', dtype: 'float32', dims: ['batch', 3] }],
    metadata: { purpose: 'test' },
  };
}

const SIZES: Readonly<Record<Exclude<OnnxDtype, 'string'>, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
};

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString'));
const dtype = fc.constantFrom<Exclude<OnnxDtype, 'string'>[]>(
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
);

const tensor: fc.Arbitrary<OnnxTensor> = fc
  .record({
    name: text,
    dtype,
    dims: fc.array(fc.nat(4), { maxLength: 3 }),
    inline: fc.boolean(),
    offset: fc.maxSafeNat(),
  })
  .map(({ name, dtype: type, dims, inline, offset }) => {
    const length = dims.reduce((product, dimension) => product * dimension, SIZES[type]);
    const data: OnnxTensor['data'] = inline
      ? { kind: 'inline', bytes: new Uint8Array(length).fill(offset & 0xff) }
      : { kind: 'external', location: 'sub/model.safetensors', offset, length };
    return { name, dtype: type, dims, data };
  });

const float = fc.float({ noDefaultInfinity: false });
const attribute: fc.Arbitrary<OnnxAttribute> = fc.oneof(
  fc.maxSafeInteger().map((value): OnnxAttribute => ({ kind: 'int', value })),
  float.map((value): OnnxAttribute => ({ kind: 'float', value })),
  text.map((value): OnnxAttribute => ({ kind: 'string', value })),
  fc.array(fc.maxSafeInteger()).map((value): OnnxAttribute => ({ kind: 'ints', value })),
  fc.array(float).map((value): OnnxAttribute => ({ kind: 'floats', value })),
  tensor.map((value): OnnxAttribute => ({ kind: 'tensor', value })),
);

const value = fc.record({
  name: text,
  dtype: fc.oneof(dtype, fc.constant('string' as const)),
  dims: fc.array(fc.oneof(fc.maxSafeNat(), text), { maxLength: 4 }),
});

function record<Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  return fc
    .uniqueArray(fc.tuple(key, values), { selector: ([name]) => name, maxLength: 4 })
    .map((entries) => Object.fromEntries(entries));
}

/** Models of the wildest kind that {@link OnnxModel} can hold. */
export const anyOnnxModel: fc.Arbitrary<OnnxModel> = fc
  .record({
    irVersion: fc.integer({ min: 1, max: 14 }),
    opsets: fc.array(fc.record({ domain: text, version: fc.nat() }), { maxLength: 3 }),
    producerName: text,
    producerVersion: text,
    graphName: text,
    nodes: fc.array(
      fc.record({
        name: text,
        opType: text,
        domain: text,
        inputs: fc.array(text, { maxLength: 3 }),
        outputs: fc.array(text, { maxLength: 3 }),
        attributes: record(attribute),
      }),
      { maxLength: 4 },
    ),
    initializers: fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 4 }),
    inputs: fc.uniqueArray(value, { selector: ({ name }) => name, maxLength: 3 }),
    outputs: fc.array(value, { maxLength: 3 }),
    metadata: record(text),
  })
  .map((model) => {
    const initializers = new Set(model.initializers.map(({ name }) => name));
    return { ...model, inputs: model.inputs.filter(({ name }) => !initializers.has(name)) };
  });

import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { decodeOnnxModel } from '#src/formats/onnx/decode-onnx-model.js';
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type TensorProtoSchema,
} from '#src/formats/onnx/generated/onnx/onnx_pb.js';
import { inspectOnnxModel } from '#src/formats/onnx/inspect-onnx-model.js';
import { caughtError } from './caught-error.js';

type ModelInit = Omit<MessageInitShape<typeof ModelProtoSchema>, '$typeName'>;

/** Models as other exporters write them. */
function model(graph: MessageInitShape<typeof GraphProtoSchema>, rest: ModelInit = {}): Uint8Array {
  const opsetImport = [{ domain: '', version: 17n }];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, opsetImport, graph, ...rest }));
}

function withTensor(tensor: MessageInitShape<typeof TensorProtoSchema>): Uint8Array {
  return model({ initializer: [tensor] });
}

function withAttribute(attribute: MessageInitShape<typeof AttributeProtoSchema>): Uint8Array {
  return model({ node: [{ opType: 'If', name: 'branch', attribute: [{ name: 'a', ...attribute }] }] });
}

describe('typed data fields become the bytes of raw data', () => {
  const bytes = (array: ArrayBufferView): number[] => [...new Uint8Array(array.buffer)];
  test.each<[string, MessageInitShape<typeof TensorProtoSchema>, number[]]>([
    ['FLOAT', { floatData: [1.5, -2] }, bytes(new Float32Array([1.5, -2]))],
    ['DOUBLE', { doubleData: [0.1, -2] }, bytes(new Float64Array([0.1, -2]))],
    ['INT8', { int32Data: [-128, 127] }, [0x80, 0x7f]],
    ['UINT8', { int32Data: [0, 255] }, [0, 255]],
    ['BOOL', { int32Data: [0, 1] }, [0, 1]],
    ['INT16', { int32Data: [-2, 3] }, bytes(new Int16Array([-2, 3]))],
    ['UINT16', { int32Data: [65535, 3] }, bytes(new Uint16Array([65535, 3]))],
    ['FLOAT16', { int32Data: [0x3c00, 0xfc00] }, bytes(new Uint16Array([0x3c00, 0xfc00]))],
    ['BFLOAT16', { int32Data: [0x3f80, 0xff80] }, bytes(new Uint16Array([0x3f80, 0xff80]))],
    ['INT32', { int32Data: [-5, 6] }, bytes(new Int32Array([-5, 6]))],
    ['UINT32', { uint64Data: [4294967295n, 6n] }, bytes(new Uint32Array([4294967295, 6]))],
    ['INT64', { int64Data: [-5n, 2n ** 62n] }, bytes(new BigInt64Array([-5n, 2n ** 62n]))],
    ['UINT64', { uint64Data: [5n, 2n ** 63n] }, bytes(new BigUint64Array([5n, 2n ** 63n]))],
  ])('%s', (type, fields, expected) => {
    const dataType = Object.entries(TensorProto_DataType).find(([name]) => name === type)?.[1];
    const file = withTensor({ name: 't', dims: [2n], dataType: Number(dataType), ...fields });
    const data = decodeOnnxModel(file).initializers[0]?.data;
    expect(data?.kind === 'inline' && [...data.bytes]).toEqual(expected);
  });
  test('an element beyond its type is refused', async () => {
    const file = withTensor({ name: 't', dims: [1n], dataType: TensorProto_DataType.INT8, int32Data: [128] });
    expect((await caughtError(() => decodeOnnxModel(file))).message).toContain('beyond the range');
  });
});

test('external data without offset and length begins at 0 and is as long as its shape', () => {
  const file = withTensor({
    name: 't',
    dims: [2n, 3n],
    dataType: TensorProto_DataType.FLOAT16,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [{ key: 'location', value: 'model.onnx_data' }],
  });
  expect(decodeOnnxModel(file).initializers[0]?.data).toEqual({
    kind: 'external',
    location: 'model.onnx_data',
    offset: 0,
    length: 12,
  });
  expect(inspectOnnxModel(file).initializers).toEqual({ count: 1, inlineBytes: 0, externalBytes: 12 });
});

const TENSOR = { name: 't', dims: [1n], dataType: TensorProto_DataType.INT8 };
const externalTensor = (...entries: [string, string][]): Uint8Array =>
  withTensor({
    ...TENSOR,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: entries.map(([key, value]) => ({ key, value })),
  });
const FLOAT_INPUT = { case: 'tensorType' as const, value: { elemType: TensorProto_DataType.FLOAT } };

describe('decodeOnnxModel refuses what the plain model does not hold', () => {
  const Type = AttributeProto_AttributeType;
  test.each<[string, Uint8Array, string]>([
    ['a subgraph', withAttribute({ type: Type.GRAPH, g: {} }), 'GRAPH'],
    ['subgraphs', withAttribute({ type: Type.GRAPHS, graphs: [{}] }), 'GRAPHS'],
    ['strings', withAttribute({ type: Type.STRINGS, strings: [new Uint8Array(1)] }), 'STRINGS'],
    ['tensors', withAttribute({ type: Type.TENSORS, tensors: [{}] }), 'TENSORS'],
    ['a sparse tensor', withAttribute({ type: Type.SPARSE_TENSOR, sparseTensor: {} }), 'SPARSE_TENSOR'],
    ['a type', withAttribute({ type: Type.TYPE_PROTO, tp: {} }), 'TYPE_PROTO'],
    ['an attribute without a type', withAttribute({ i: 3n }), 'UNDEFINED'],
    ['a reference to a function attribute', withAttribute({ type: Type.INT, refAttrName: 'x' }), 'reference'],
    ['a missing tensor', withAttribute({ type: Type.TENSOR }), 'holds none'],
    ['a string that is not UTF-8', withAttribute({ type: Type.STRING, s: new Uint8Array([0xff]) }), 'UTF-8'],
    ['an int that no number holds', withAttribute({ type: Type.INT, i: 2n ** 63n - 1n }), 'exactly'],
    ['an attribute twice', model({ node: [{ opType: 'A', attribute: [{ name: 'a' }, { name: 'a' }] }] }), 'twice'],
    ['functions', model({}, { functions: [{ name: 'f' }] }), 'functions'],
    ['training information', model({}, { trainingInfo: [{}] }), 'training'],
    ['sparse initializers', model({ sparseInitializer: [{}] }), 'sparse'],
    [
      'a sequence input',
      model({ input: [{ name: 'x', type: { value: { case: 'sequenceType', value: {} } } }] }),
      '"x"',
    ],
    ['an input without a type', model({ input: [{ name: 'x' }] }), '"x"'],
    ['an input without dimensions', model({ input: [{ name: 'x', type: { value: FLOAT_INPUT } }] }), '"x"'],
    ['a float8 tensor', withTensor({ ...TENSOR, dataType: TensorProto_DataType.FLOAT8E5M2 }), 'float8e5m2'],
    ['a string tensor', withTensor({ ...TENSOR, dataType: TensorProto_DataType.STRING }), 'string'],
    ['a data type of the future', withTensor({ ...TENSOR, dataType: 99 }), 'data type 99'],
    ['a segmented tensor', withTensor({ ...TENSOR, segment: { begin: 0n, end: 1n } }), 'segments'],
    ['a tensor without data', withTensor(TENSOR), '0 bytes'],
    ['too much data', withTensor({ ...TENSOR, rawData: new Uint8Array(2) }), '2 bytes'],
    ['a negative dimension', withTensor({ ...TENSOR, dims: [-1n] }), 'dimensions [-1]'],
    ['dimensions that overflow', withTensor({ ...TENSOR, dims: [2n ** 40n, 2n ** 40n] }), 'dimensions'],
    ['external data without a location', externalTensor(['offset', '0']), 'external file'],
    ['external data outside the folder', externalTensor(['location', '../w']), '../w'],
    ['a negative offset', externalTensor(['location', 'w'], ['offset', '-1']), 'offset'],
    ['an offset in other notation', externalTensor(['location', 'w'], ['offset', '0x10']), 'offset'],
    ['a length that does not fit', externalTensor(['location', 'w'], ['length', '2']), '2 bytes'],
    [
      'an initializer that is also an input',
      model({
        initializer: [{ ...TENSOR, rawData: new Uint8Array(1) }],
        input: [{ name: 't', type: { value: { case: 'tensorType', value: { elemType: 1, shape: {} } } } }],
      }),
      'twice',
    ],
    ['an IR version of the future', model({}, { irVersion: 15n }), 'IR version 15'],
    ['no IR version', model({}, { irVersion: 0n }), 'IR version 0'],
  ])('%s', async (_, bytes, mention) => {
    const error = await caughtError(() => decodeOnnxModel(bytes, 'model.onnx'));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('model.onnx');
    expect(error.message).toContain(mention);
  });
});

describe.each([
  ['decodeOnnxModel', decodeOnnxModel],
  ['inspectOnnxModel', inspectOnnxModel],
])('%s refuses what is no model', (_, read) => {
  test.each([
    ['no bytes', new Uint8Array(0), 'empty'],
    ['another format', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'), 'not an ONNX model'],
    ['a model without a graph', toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n })), 'no graph'],
    ['a model cut short', model({ name: 'graph' }).subarray(0, -2), 'not an ONNX model'],
  ])('%s', async (_name, bytes, mention) => {
    const error = await caughtError(() => read(bytes, 'model.onnx'));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('model.onnx');
    expect(error.message).toContain(mention);
  });

  test('nesting that would exhaust the stack', async () => {
    const error = await caughtError(() => read(nested(100_000)));
    expect(error.code).toBe('FORMAT_INVALID');
    expect(error.message).toContain('recursion depth');
  });
});

test('subgraphs within subgraphs are read as deep as exporters nest them', () => {
  expect(inspectOnnxModel(nested(20)).operators).toEqual(new Map([['', 20]]));
});

/** A model whose graph holds a node with a subgraph that holds a node with a subgraph, and so on. */
function nested(depth: number): Uint8Array {
  const buffer = new Uint8Array(depth * 15 + 8);
  let begin = buffer.byteLength;
  const wrap = (tag: number): void => {
    const prefix = [tag, ...varint(buffer.byteLength - begin)];
    begin -= prefix.length;
    buffer.set(prefix, begin);
  };
  for (let level = 0; level < depth; level++) {
    // AttributeProto.g, NodeProto.attribute, GraphProto.node
    for (const tag of [0x32, 0x2a, 0x0a]) wrap(tag);
  }
  // ModelProto.graph
  wrap(0x3a);
  return buffer.subarray(begin);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

test('inspectOnnxModel counts everything, whatever it is', () => {
  const weight = { name: 'w', dims: [2n, 2n], dataType: TensorProto_DataType.FLOAT };
  const summary = inspectOnnxModel(
    model(
      {
        name: 'main',
        node: [
          { opType: 'Add' },
          {
            opType: 'If',
            attribute: [
              {
                name: 'then_branch',
                type: AttributeProto_AttributeType.GRAPH,
                g: {
                  node: [{ opType: 'Add', domain: 'ai.onnx' }],
                  initializer: [{ ...weight, floatData: [1, 2, 3, 4] }],
                },
              },
              { name: 'others', type: AttributeProto_AttributeType.GRAPHS, graphs: [{ node: [{ opType: 'Mul' }] }] },
            ],
          },
          { opType: 'Attention', domain: 'com.microsoft' },
        ],
        initializer: [
          { ...weight, rawData: new Uint8Array(16) },
          {
            ...weight,
            name: 'e',
            dataLocation: TensorProto_DataLocation.EXTERNAL,
            externalData: [
              { key: 'location', value: '../outside.bin' },
              { key: 'length', value: '16' },
            ],
          },
          { name: 's', dims: [1n], dataType: TensorProto_DataType.STRING, stringData: [new Uint8Array(5)] },
        ],
        sparseInitializer: [
          {
            values: { name: 'sp', dims: [1n], dataType: TensorProto_DataType.FLOAT, rawData: new Uint8Array(4) },
            indices: { dims: [1n], dataType: TensorProto_DataType.INT64, int64Data: [3n] },
          },
        ],
        input: [
          {
            name: 'x',
            type: {
              value: {
                case: 'tensorType',
                value: {
                  elemType: 17,
                  shape: {
                    dim: [{ value: { case: 'dimValue', value: 3n } }, { value: { case: 'dimParam', value: 'n' } }, {}],
                  },
                },
              },
            },
          },
          { name: 'w' },
          { name: 'q', type: { value: { case: 'sequenceType', value: {} } } },
          { name: 'u' },
        ],
        output: [{ name: 'y', type: { value: { case: 'tensorType', value: { elemType: 1 } } } }],
      },
      {
        irVersion: 99n,
        producerName: 'exporter',
        producerVersion: '2',
        functions: [{ name: 'f', node: [{ opType: 'Mul' }] }],
        metadataProps: [{ key: 'k', value: 'v' }],
      },
    ),
  );
  expect(summary).toEqual({
    irVersion: 99,
    producerName: 'exporter',
    producerVersion: '2',
    graphName: 'main',
    opsets: new Map([['', 17]]),
    inputs: [
      { name: 'x', type: 'float8e4m3fn', dims: [3, 'n', ''] },
      { name: 'q', type: 'sequence', dims: undefined },
      { name: 'u', type: 'unknown', dims: undefined },
    ],
    outputs: [{ name: 'y', type: 'float32', dims: undefined }],
    operators: new Map([
      ['Add', 2],
      ['If', 1],
      ['Mul', 2],
      ['com.microsoft::Attention', 1],
    ]),
    initializers: { count: 5, inlineBytes: 16 + 16 + 5 + 4 + 8, externalBytes: 16 },
    externalFiles: ['../outside.bin'],
    metadata: new Map([['k', 'v']]),
  });
});

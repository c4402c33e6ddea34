import { TensorProto_DataType } from './generated/onnx/onnx_pb.js';
import type { OnnxDtype } from './onnx-model.js';

interface DtypeRow {
  /** Number in `TensorProto.DataType`. */
  readonly dataType: TensorProto_DataType;
  /** Bytes of one element in raw data; strings have no fixed size. */
  readonly bytes: 1 | 2 | 4 | 8 | undefined;
}

const DTYPES: Readonly<Record<OnnxDtype, DtypeRow>> = {
  float32: { dataType: TensorProto_DataType.FLOAT, bytes: 4 },
  float64: { dataType: TensorProto_DataType.DOUBLE, bytes: 8 },
  float16: { dataType: TensorProto_DataType.FLOAT16, bytes: 2 },
  bfloat16: { dataType: TensorProto_DataType.BFLOAT16, bytes: 2 },
  int8: { dataType: TensorProto_DataType.INT8, bytes: 1 },
  uint8: { dataType: TensorProto_DataType.UINT8, bytes: 1 },
  int16: { dataType: TensorProto_DataType.INT16, bytes: 2 },
  uint16: { dataType: TensorProto_DataType.UINT16, bytes: 2 },
  int32: { dataType: TensorProto_DataType.INT32, bytes: 4 },
  uint32: { dataType: TensorProto_DataType.UINT32, bytes: 4 },
  int64: { dataType: TensorProto_DataType.INT64, bytes: 8 },
  uint64: { dataType: TensorProto_DataType.UINT64, bytes: 8 },
  bool: { dataType: TensorProto_DataType.BOOL, bytes: 1 },
  string: { dataType: TensorProto_DataType.STRING, bytes: undefined },
};

const NAMES: ReadonlyMap<number, OnnxDtype> = new Map(
  Object.keys(DTYPES)
    .filter(isOnnxDtype)
    .map((dtype) => [DTYPES[dtype].dataType, dtype]),
);

/** The number of an element type in the protobuf message. */
export function dataTypeOf(dtype: OnnxDtype): number {
  return DTYPES[dtype].dataType;
}

/** The element type with a number, or undefined for one that {@link OnnxDtype} does not name. */
export function dtypeOfDataType(dataType: number): OnnxDtype | undefined {
  return NAMES.get(dataType);
}

/** How messages and summaries name a data type number: isovec's name, else ONNX's own, in lower case. */
export function dataTypeName(dataType: number): string {
  const official: string | undefined = TensorProto_DataType[dataType];
  return NAMES.get(dataType) ?? official?.toLowerCase() ?? `data type ${dataType}`;
}

/** Bytes of one element in raw or external data, or undefined for strings, which have no fixed size. */
export function elementBytes(dtype: OnnxDtype): 1 | 2 | 4 | 8 | undefined {
  return DTYPES[dtype].bytes;
}

function isOnnxDtype(name: string): name is OnnxDtype {
  return Object.hasOwn(DTYPES, name);
}

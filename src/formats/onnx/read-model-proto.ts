import { fromBinary } from '@bufbuild/protobuf';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import { type GraphProto, type ModelProto, ModelProtoSchema } from './generated/onnx/onnx_pb.js';

/** The protobuf message of a model and its graph. Bytes fields are views of the input. */
export function readModelProto(
  bytes: Uint8Array,
  file: string,
): { readonly proto: ModelProto; readonly graph: GraphProto } {
  if (bytes.byteLength === 0) throw onnxError(file, 'is empty (0 bytes)');
  let proto: ModelProto;
  try {
    // Messages deeper than the library's limit of 100 are refused by it, before the stack runs out (CWE-674).
    proto = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (cause) {
    throw onnxError(file, `is not an ONNX model (${errorMessage(cause)})`, cause);
  }
  if (proto.graph === undefined) throw onnxError(file, 'is not an ONNX model: it holds no graph');
  return { proto, graph: proto.graph };
}

/** FORMAT_INVALID for a model file: what it does, and the way out. */
export function onnxError(file: string, rule: string, cause?: unknown): IsovecError {
  const message = `${file} ${rule}. Export the model again, or fetch the file again if it was downloaded.`;
  return new IsovecError('FORMAT_INVALID', message, { data: { file }, ...(cause === undefined ? {} : { cause }) });
}

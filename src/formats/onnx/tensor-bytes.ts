import { type TensorProto, TensorProto_DataLocation } from './generated/onnx/onnx_pb.js';
import { dtypeOfDataType, elementBytes } from './onnx-dtype.js';

/**
 * Bytes that a tensor's elements take where they are stored: the declared length of external data (dimensions times
 * element size where none is declared; 0 for element types without a whole number of bytes), the length of raw data, or
 * what the typed fields would take as raw data.
 */
export function tensorBytes(tensor: TensorProto): number {
  const dtype = dtypeOfDataType(tensor.dataType);
  const elementSize = (dtype === undefined ? undefined : elementBytes(dtype)) ?? 0;
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    const declared = tensor.externalData.find(({ key }) => key === 'length')?.value;
    if (declared !== undefined && /^\d+$/.test(declared)) return Number(declared);
    return tensor.dims.reduce((product, dimension) => product * Number(dimension), elementSize);
  }
  if (tensor.rawData.byteLength > 0) return tensor.rawData.byteLength;
  const strings = tensor.stringData.reduce((total, text) => total + text.byteLength, 0);
  const { floatData, doubleData, int32Data, int64Data, uint64Data } = tensor;
  const typed = floatData.length + doubleData.length + int32Data.length + int64Data.length + uint64Data.length;
  return strings + typed * elementSize;
}

/** Element types of ONNX tensors that isovec writes and reads. */
export type OnnxDtype =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'string';

/** Where the bytes of a tensor are: inside the model, or in a file beside it (little-endian, row-major). */
export type OnnxTensorData =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'external'; readonly location: string; readonly offset: number; readonly length: number };

/** An initialiser or constant. */
export interface OnnxTensor {
  readonly name: string;
  readonly dtype: OnnxDtype;
  readonly dims: readonly number[];
  readonly data: OnnxTensorData;
}

/** An attribute of a node. */
export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor };

/** An operator call. An empty input name is an omitted optional input. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** '' is the standard operator set. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A graph input or output; a string dimension is symbolic. */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: OnnxDtype;
  readonly dims: readonly (number | string)[];
}

/** An operator set the model needs. */
export interface OnnxOpset {
  readonly domain: string;
  readonly version: number;
}

/** An ONNX model as plain values. Initialisers are not listed as graph inputs. */
export interface OnnxModel {
  /** ONNX IR version; onnxruntime-node 1.30 accepts at most 13. */
  readonly irVersion: number;
  readonly opsets: readonly OnnxOpset[];
  readonly producerName: string;
  readonly producerVersion: string;
  readonly graphName: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

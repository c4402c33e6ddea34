/** Element types of the safetensors format that isovec reads. */
export type SafetensorsDtype =
  'BOOL' | 'U8' | 'I8' | 'U16' | 'I16' | 'F16' | 'BF16' | 'U32' | 'I32' | 'F32' | 'U64' | 'I64' | 'F64';

/** One tensor of a safetensors file, as its header declares it. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  /** Row-major dimensions; empty for a scalar. */
  readonly shape: readonly number[];
  /** First byte, counted from the beginning of the file. */
  readonly begin: number;
  /** One past the last byte, counted from the beginning of the file. */
  readonly end: number;
}

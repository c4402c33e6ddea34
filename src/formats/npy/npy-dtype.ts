/** Element types of .npy files that isovec reads and writes. */
export type NpyDtype = 'float32' | 'float64' | 'int8' | 'uint8';

/** Array-protocol type string (`dtype.str` of numpy) and bytes of one element, by element type. */
export const NPY_DTYPES: Readonly<Record<NpyDtype, { readonly descr: string; readonly bytes: number }>> = {
  float32: { descr: '<f4', bytes: 4 },
  float64: { descr: '<f8', bytes: 8 },
  int8: { descr: '|i1', bytes: 1 },
  uint8: { descr: '|u1', bytes: 1 },
};

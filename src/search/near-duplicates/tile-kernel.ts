import {
  add,
  constant,
  less,
  local,
  multiply,
  or,
  repeatWhile,
  setLocal,
  shiftLeft,
  simd,
  storeInt,
  TYPES,
  type WasmCode,
  wasmModule,
  when,
} from './wasm-code.js';

/** Rows and columns of a tile: eight vectors of sums, which with their inputs fit into sixteen registers. */
export const TILE_ROWS = 4;
export const TILE_COLUMNS = 8;

const FLOAT = Float32Array.BYTES_PER_ELEMENT;
const LANES = 4;
/** Two words a found tile: its number, and its pairs as bits. */
const FOUND_WORDS = 2;

/** How many rows and columns are compared at a time, and over how many dimensions. */
export interface KernelSize {
  readonly rows: number;
  readonly columns: number;
  readonly dimensions: number;
}

/**
 * Compares rows with columns: says which pairs have
 *
 *     sum over k of rows[i][k] columns[j][k]  +  rowRests[i] columnRests[j]  >=  threshold
 *
 * in float32. All arrays lie in its memory, and are written before a call.
 */
export interface TileKernel {
  /** Groups of four rows, within a group by dimension: element (i, k) at [i / 4][k][i % 4]. */
  readonly rows: Float32Array;
  /** Groups of eight columns, in the same way. */
  readonly columns: Float32Array;
  readonly rowRests: Float32Array;
  readonly columnRests: Float32Array;
  /**
   * For each tile that has such a pair, two words: the number of its rows' group + the number of its columns' group times
   * the groups of rows; and its pairs, bit 8 (i % 4) + j % 8. Valid up to the number that `compare` gives.
   */
  readonly found: Uint32Array;
  /** Compares the first rows with the first columns, whole groups of both; gives the number of tiles found. */
  compare(rows: number, columns: number, threshold: number): number;
}

/** Makes a kernel with a memory of its own. */
export async function createTileKernel({ rows, columns, dimensions }: KernelSize): Promise<TileKernel> {
  const tiles = (rows / TILE_ROWS) * (columns / TILE_COLUMNS);
  const lengths = [rows * dimensions, columns * dimensions, rows, columns, tiles * FOUND_WORDS];
  const offsets = lengths.map((_, index) => FLOAT * lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
  const bytes = FLOAT * lengths.reduce((sum, length) => sum + length, 0);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
  const { instance } = await WebAssembly.instantiate(kernelModule(), { host: { memory } });
  const { compare } = instance.exports;
  if (compare === undefined) throw new Error('the module exports no function');
  const floats = (index: number): Float32Array => new Float32Array(memory.buffer, offsets[index], lengths[index]);
  const found = offsets[4] ?? 0;
  return {
    rows: floats(0),
    columns: floats(1),
    rowRests: floats(2),
    columnRests: floats(3),
    found: new Uint32Array(memory.buffer, found, lengths[4]),
    compare: (usedRows, usedColumns, threshold) => {
      const end = compare(usedRows / TILE_ROWS, usedColumns / TILE_COLUMNS, dimensions, threshold, ...offsets);
      return (end - found) / (FOUND_WORDS * FLOAT);
    },
  };
}

/** What is used of the global of the same name, of which TypeScript knows only in browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  instantiate(
    module: Uint8Array,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ): Promise<{
    readonly instance: { readonly exports: Readonly<Record<string, (...values: number[]) => number>> };
  }>;
};

/**
 * The comparison as WebAssembly, which unlike JavaScript multiplies four float32 at a time. For each group of columns and
 * each group of rows, eight vectors of sums stay in registers over all dimensions.
 */
function kernelModule(): Uint8Array {
  const { i32, f32, v128 } = TYPES;
  const parameters = [i32, i32, i32, f32, i32, i32, i32, i32, i32];
  const [rowGroups, columnGroups, dimensions, threshold, rows, columns, rowRests, columnRests, found] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ] as const;
  // Addresses that move on, and counters.
  const [columnGroup, rowGroup, tile, row, column, columnEnd, rowRest] = [9, 10, 11, 12, 13, 14, 15] as const;
  const [limit, left, right, one] = [16, 17, 18, 19] as const;
  const sums = Array.from({ length: TILE_ROWS * 2 }, (_, index) => 20 + index);
  const locals = [...Array<number>(7).fill(i32), ...Array<number>(4 + sums.length).fill(v128)];
  const half = LANES * FLOAT;
  const groupBytes = TILE_COLUMNS * FLOAT;
  const halfOf = (index: number): number => (index % 2 === 0 ? left : right);
  const advance = (variable: number, bytes: number): WasmCode =>
    setLocal(variable, add(local(variable), constant(bytes)));
  const fromRows = (source: number, use: (sum: number, index: number) => WasmCode): WasmCode =>
    Array.from({ length: TILE_ROWS }, (_, i) => [
      setLocal(one, simd.loadSplat(local(source), i * FLOAT)),
      [2 * i, 2 * i + 1].map((index) => setLocal(sums[index] ?? 0, use(sums[index] ?? 0, index))),
    ]);
  const begin: WasmCode = [
    setLocal(left, simd.load(local(columnRests), 0)),
    setLocal(right, simd.load(local(columnRests), half)),
    fromRows(rowRest, (_, index) => simd.multiply(local(one), local(halfOf(index)))),
    setLocal(column, local(columns)),
  ];
  const accumulate: WasmCode = [
    setLocal(left, simd.load(local(column), 0)),
    setLocal(right, simd.load(local(column), half)),
    fromRows(row, (sum, index) => simd.add(local(sum), simd.multiply(local(one), local(halfOf(index))))),
    advance(row, TILE_ROWS * FLOAT),
    advance(column, groupBytes),
  ];
  const compared = sums.map((sum) => setLocal(sum, simd.greaterOrEqual(local(sum), local(limit))));
  const any = sums.map(local).reduce((a, b) => simd.or(a, b));
  const bits = sums.map((sum, index) => shiftLeft(simd.bitmask(local(sum)), index * LANES)).reduce((a, b) => or(a, b));
  const perTile: WasmCode = [
    begin,
    repeatWhile(less(local(column), local(columnEnd)), accumulate),
    compared,
    when(simd.anyTrue(any), [
      storeInt(local(found), 0, local(tile)),
      storeInt(local(found), FLOAT, bits),
      advance(found, FOUND_WORDS * FLOAT),
    ]),
    advance(rowRest, TILE_ROWS * FLOAT),
    advance(rowGroup, 1),
    advance(tile, 1),
  ];
  const perColumnGroup: WasmCode = [
    setLocal(columnEnd, add(local(columns), multiply(local(dimensions), constant(groupBytes)))),
    setLocal(rowGroup, constant(0)),
    setLocal(row, local(rows)),
    setLocal(rowRest, local(rowRests)),
    repeatWhile(less(local(rowGroup), local(rowGroups)), perTile),
    setLocal(columns, local(columnEnd)),
    advance(columnRests, groupBytes),
    advance(columnGroup, 1),
  ];
  return wasmModule({
    name: 'compare',
    parameters,
    result: i32,
    locals,
    body: [
      setLocal(limit, simd.splat(local(threshold))),
      repeatWhile(less(local(columnGroup), local(columnGroups)), perColumnGroup),
      local(found),
    ],
  });
}

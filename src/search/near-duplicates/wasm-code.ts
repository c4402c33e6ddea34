/** Bytes of a WebAssembly module, or parts of them that are nested as expressions are. */
export type WasmCode = readonly (number | WasmCode)[];

/** Value types (WebAssembly 2.0, 5.3). */
export const TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;

/** A block without a result (WebAssembly 2.0, 5.3.6). */
const EMPTY = 0x40;

/** The value of a local variable. */
export function local(index: number): WasmCode {
  return [0x20, unsigned(index)];
}

export function setLocal(index: number, value: WasmCode): WasmCode {
  return [value, 0x21, unsigned(index)];
}

export function constant(value: number): WasmCode {
  return [0x41, signed(value)];
}

export function add(a: WasmCode, b: WasmCode): WasmCode {
  return [a, b, 0x6a];
}

export function multiply(a: WasmCode, b: WasmCode): WasmCode {
  return [a, b, 0x6c];
}

export function or(a: WasmCode, b: WasmCode): WasmCode {
  return [a, b, 0x72];
}

export function shiftLeft(value: WasmCode, bits: number): WasmCode {
  return [value, constant(bits), 0x74];
}

/** Unsigned a < b. */
export function less(a: WasmCode, b: WasmCode): WasmCode {
  return [a, b, 0x49];
}

export function when(condition: WasmCode, body: WasmCode): WasmCode {
  return [condition, 0x04, EMPTY, body, 0x0b];
}

/** Runs the body, and again as long as the condition holds after it. */
export function repeatWhile(condition: WasmCode, body: WasmCode): WasmCode {
  return [0x03, EMPTY, body, condition, 0x0d, 0, 0x0b];
}

export function storeInt(address: WasmCode, offset: number, value: WasmCode): WasmCode {
  return [address, value, 0x36, 2, unsigned(offset)];
}

/** Operators on four float32 at a time (WebAssembly 2.0, 5.4.7). */
export const simd = {
  load: (address: WasmCode, offset: number): WasmCode => [address, 0xfd, 0x00, 2, unsigned(offset)],
  /** One float32 of memory in all four places. */
  loadSplat: (address: WasmCode, offset: number): WasmCode => [address, 0xfd, 0x09, 2, unsigned(offset)],
  splat: (value: WasmCode): WasmCode => [value, 0xfd, 0x13],
  greaterOrEqual: (a: WasmCode, b: WasmCode): WasmCode => [a, b, 0xfd, 0x46],
  or: (a: WasmCode, b: WasmCode): WasmCode => [a, b, 0xfd, 0x50],
  anyTrue: (value: WasmCode): WasmCode => [value, 0xfd, 0x53],
  /** The signs of the four places as bits 0 to 3. */
  bitmask: (value: WasmCode): WasmCode => [value, 0xfd, 0xa4, 0x01],
  add: (a: WasmCode, b: WasmCode): WasmCode => [a, b, 0xfd, 0xe4, 0x01],
  multiply: (a: WasmCode, b: WasmCode): WasmCode => [a, b, 0xfd, 0xe6, 0x01],
} as const;

/** A function of a module; parameters are the first locals. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly result: number;
  readonly locals: readonly number[];
  /** Leaves the result on the stack. */
  readonly body: WasmCode;
}

/** A module with one exported function, which works on the memory that is imported as `host.memory`. */
export function wasmModule({ name, parameters, result, locals, body }: WasmFunction): Uint8Array<ArrayBuffer> {
  const declared = vector(locals.map((type) => [1, type]));
  const code: WasmCode = [declared, body, 0x0b];
  const module: WasmCode = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [[0x60, vector(parameters), vector([result])]]),
    section(2, [[text('host'), text('memory'), 0x02, 0x00, 0]]),
    section(3, [0]),
    section(7, [[text(name), 0x00, 0]]),
    section(10, [[unsigned(byteLength(code)), code]]),
  ];
  return Uint8Array.from(flat(module));
}

function section(id: number, items: WasmCode): WasmCode {
  const contents = vector(items);
  return [id, unsigned(byteLength(contents)), contents];
}

function vector(items: WasmCode): WasmCode {
  return [unsigned(items.length), items];
}

function text(ascii: string): WasmCode {
  return vector(Array.from(ascii, (character) => character.charCodeAt(0)));
}

function byteLength(code: WasmCode): number {
  return flat(code).length;
}

function flat(code: WasmCode): number[] {
  return code.flatMap((item) => (typeof item === 'number' ? [item] : flat(item)));
}

/** Unsigned LEB128. */
function unsigned(value: number): WasmCode {
  return value < 128 ? [value] : [(value & 127) | 128, unsigned(value >>> 7)];
}

/** Signed LEB128. */
function signed(value: number): WasmCode {
  return value >= -64 && value < 64 ? [value & 127] : [(value & 127) | 128, signed(value >> 7)];
}

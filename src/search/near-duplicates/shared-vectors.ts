/** Rows of a chunk: blocks of rows never lie across two. */
const CHUNK_ROWS = 8192;

/** What a thread needs to look at the same vectors. Survives `postMessage`. */
export interface SharedVectorsParts {
  readonly dimensions: number;
  readonly count: number;
  readonly chunks: readonly SharedArrayBuffer[];
  /** float64 [rows], a chunk each: max(norm, 1e-12). */
  readonly divisors: readonly SharedArrayBuffer[];
}

/** float32 vectors in memory that threads share; it grows in chunks, so that nothing is copied. */
export class SharedVectors {
  readonly dimensions: number;
  #count: number;
  readonly #parts: SharedVectorsParts & {
    readonly chunks: SharedArrayBuffer[];
    readonly divisors: SharedArrayBuffer[];
  };
  readonly #vectors: Float32Array[];
  readonly #divisors: Float64Array[];

  constructor(parts: SharedVectorsParts) {
    this.dimensions = parts.dimensions;
    this.#count = parts.count;
    this.#parts = { ...parts, chunks: [...parts.chunks], divisors: [...parts.divisors] };
    this.#vectors = parts.chunks.map((chunk) => new Float32Array(chunk));
    this.#divisors = parts.divisors.map((chunk) => new Float64Array(chunk));
  }

  static empty(dimensions: number): SharedVectors {
    return new SharedVectors({ dimensions, count: 0, chunks: [], divisors: [] });
  }

  /** Bytes that so many vectors take. */
  static bytes(count: number, dimensions: number): number {
    const chunks = Math.ceil(count / CHUNK_ROWS);
    return chunks * CHUNK_ROWS * (dimensions * Float32Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT);
  }

  get count(): number {
    return this.#count;
  }

  get parts(): SharedVectorsParts {
    return { ...this.#parts, count: this.#count };
  }

  /** Adds a copy of a vector; `divisor` is max(norm, 1e-12). RangeError where there is no memory. */
  push(vector: Float32Array, divisor: number): void {
    const place = this.#count % CHUNK_ROWS;
    if (place === 0) this.#grow();
    this.#vectors.at(-1)?.set(vector, place * this.dimensions);
    this.#divisors.at(-1)?.fill(divisor, place, place + 1);
    this.#count++;
  }

  /** A view of a vector. */
  row(index: number): Float32Array {
    const begin = (index % CHUNK_ROWS) * this.dimensions;
    const chunk = this.#vectors[Math.floor(index / CHUNK_ROWS)];
    if (chunk === undefined || index >= this.#count) throw new RangeError(`there is no vector ${index}`);
    return chunk.subarray(begin, begin + this.dimensions);
  }

  /** max(norm, 1e-12) of a vector. */
  divisor(index: number): number {
    return this.#divisors[Math.floor(index / CHUNK_ROWS)]?.[index % CHUNK_ROWS] ?? 1;
  }

  #grow(): void {
    const chunk = new SharedArrayBuffer(CHUNK_ROWS * this.dimensions * Float32Array.BYTES_PER_ELEMENT);
    const divisors = new SharedArrayBuffer(CHUNK_ROWS * Float64Array.BYTES_PER_ELEMENT);
    this.#parts.chunks.push(chunk);
    this.#parts.divisors.push(divisors);
    this.#vectors.push(new Float32Array(chunk));
    this.#divisors.push(new Float64Array(divisors));
  }
}

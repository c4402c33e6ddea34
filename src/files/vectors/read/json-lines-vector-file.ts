import { isJsonObject, type JsonObject } from '../../../formats/json/parse-json.js';
import { quote } from '../../../formats/quote.js';
import { throwIfAborted } from '../../../shared/abort.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import { silentLogger } from '../../../shared/log.js';
import { ByteStream } from '../../rows/byte-stream.js';
import { type Line, LineSplitter } from '../../rows/line-splitter.js';
import type { VectorBlock, VectorFile, VectorRecord } from '../vector-file.js';
import type { VectorMetadata } from '../vector-metadata.js';
import { chooseRecordText } from './choose-record-text.js';
import type { OpenVectorFileOptions } from './vector-file-options.js';
import { sourceRecords } from './source-records.js';
import { countVectors, requireDimensions, requireFinite, rowsPerBlock } from './vector-blocks.js';
import { readMetadataFile, requireAgreement, requireFloat32 } from './vector-sidecars.js';

/** Longest line: a vector takes some kilobytes, and a file without line ends must not fill the memory (CWE-400). */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Names that other programs give to vectors, in the order in which they are looked for. */
const USUAL_MEMBERS = ['embedding', 'vector'];

interface Facts {
  readonly name: string;
  readonly dimensions: number;
  readonly member: string;
  readonly metadata: VectorMetadata | undefined;
  readonly options: OpenVectorFileOptions;
}

/** A JSON object a line, each with a member that holds the vector as an array of numbers; may be compressed. */
export class JsonLinesVectorFile implements VectorFile {
  readonly format = 'jsonl';
  readonly name: string;
  readonly rows: number | undefined;
  readonly dimensions: number;
  readonly metadata: VectorMetadata | undefined;
  readonly #member: string;
  readonly #options: OpenVectorFileOptions;
  /** Vectors, once the file was read to its end. */
  #counted: number | undefined;
  #closed = false;

  private constructor({ name, dimensions, member, metadata, options }: Facts) {
    this.name = name;
    this.rows = metadata?.rows;
    this.dimensions = dimensions;
    this.metadata = metadata;
    this.#member = member;
    this.#options = options;
  }

  /** Reads the first row, which tells what the others look like. Errors: `openVectorFile`. */
  static async open(name: string, options: OpenVectorFileOptions): Promise<JsonLinesVectorFile> {
    const metadata = await readMetadataFile(name);
    requireFloat32(name, metadata);
    const asked = options.vectorColumn ?? metadata?.vectorColumn;
    for await (const lines of readLines(name, options.signal)) {
      const [first] = lines;
      if (first === undefined) continue;
      const object = parseLine(name, first);
      const member = asked ?? USUAL_MEMBERS.find((usual) => Object.hasOwn(object, usual)) ?? 'vector';
      const dimensions = vectorOf(name, first.number, object, member).length;
      requireDimensions(name, dimensions);
      if (metadata !== undefined) requireAgreement(name, metadata, { dimensions, rows: undefined });
      return new JsonLinesVectorFile({ name, dimensions, member, metadata, options });
    }
    const dimensions = metadata?.dimensions ?? options.dimensions;
    if (dimensions === undefined) {
      throw new IsovecError('INPUT_INVALID', `${name} is empty. Name a file with a vector a line.`, {
        data: { file: name },
      });
    }
    if (metadata !== undefined) requireAgreement(name, metadata, { dimensions, rows: 0 });
    return new JsonLinesVectorFile({ name, dimensions, member: asked ?? 'vector', metadata, options });
  }

  async *blocks(signal?: AbortSignal): AsyncGenerator<VectorBlock, void, undefined> {
    const { name, dimensions } = this;
    const most = rowsPerBlock(dimensions);
    const buffer = new Float32Array(most * dimensions);
    let first = 0;
    let count = 0;
    const block = (): VectorBlock => {
      throwIfAborted(signal);
      const data = buffer.subarray(0, count * dimensions);
      requireFinite(name, data, first, dimensions);
      return { first, count, data };
    };
    for await (const lines of this.#lines(signal)) {
      for (const line of lines) {
        const vector = vectorOf(name, line.number, parseLine(name, line), this.#member);
        if (vector.length !== dimensions) {
          throw broken(
            name,
            line.number,
            `holds a vector of ${vector.length} dimensions, the first row one of ${dimensions}`,
          );
        }
        copyNumbers(vector, buffer, count * dimensions, name, line.number);
        count++;
        if (count < most) continue;
        yield block();
        first += count;
        count = 0;
      }
    }
    if (count > 0) yield block();
    this.#counted = first + count;
    if (this.metadata !== undefined) requireAgreement(name, this.metadata, { dimensions, rows: this.#counted });
  }

  async records(indices: readonly number[], signal?: AbortSignal): Promise<ReadonlyMap<number, VectorRecord>> {
    const { name, metadata } = this;
    const { texts, textColumn, logger = silentLogger } = this.#options;
    if (texts !== undefined) {
      const countRows = async (): Promise<number> => this.#counted ?? countVectors(this, signal);
      return sourceRecords({ vectors: name, countRows, metadata, texts, textColumn, logger })(indices, signal);
    }
    const wanted = new Set(indices);
    const records = new Map<number, VectorRecord>();
    if (wanted.size === 0) return records;
    for await (const lines of this.#lines(signal)) {
      for (const line of lines) {
        // Every line is a row, so the number of a line tells its index.
        if (wanted.has(line.number - 1)) records.set(line.number - 1, this.#record(parseLine(name, line)));
      }
      if (records.size === wanted.size) break;
    }
    return records;
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #lines(signal: AbortSignal | undefined): AsyncGenerator<readonly Line[], void, undefined> {
    if (this.#closed) throw new IsovecError('CLOSED', `${this.name} was closed.`);
    return readLines(this.name, signal);
  }

  #record(object: JsonObject): VectorRecord {
    const members = Object.entries(object).filter(([key]) => key !== this.#member);
    const strings = members.filter(([, value]) => typeof value === 'string').map(([key]) => key);
    const column = chooseRecordText(this.name, strings, this.#options.textColumn, this.metadata?.source.column);
    const text = column === undefined ? undefined : object[column];
    const values = Object.fromEntries(members.filter(([key]) => key !== column));
    return typeof text === 'string' ? { text, values } : { values };
  }
}

/** The lines of a file in runs; each is opened anew. The line that ends the file may be empty, no other one. */
async function* readLines(
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Line[], void, undefined> {
  const stream = await ByteStream.openFile(name, signal);
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  try {
    for await (const chunk of stream.chunks()) {
      throwIfAborted(signal);
      yield splitter.push(chunk);
    }
    yield splitter.end();
  } finally {
    await stream.close();
  }
}

function parseLine(name: string, { number, bytes }: Line): JsonObject {
  if (bytes === undefined) throw broken(name, number, `is longer than ${MAX_LINE_BYTES} bytes`);
  if (bytes.length === 0) throw broken(name, number, 'is empty');
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw broken(name, number, 'is not JSON in UTF-8', cause);
  }
  if (!isJsonObject(value)) throw broken(name, number, 'is not a JSON object');
  return value;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function vectorOf(name: string, number: number, object: JsonObject, member: string): readonly unknown[] {
  const value = Object.hasOwn(object, member) ? object[member] : undefined;
  if (Array.isArray(value)) return value;
  const rule = value === undefined ? `has no member ${quote(member)}` : `holds no array in its member ${quote(member)}`;
  throw new IsovecError(
    'FORMAT_INVALID',
    `Row ${number} of ${name} ${rule}. Name the member that holds the vectors with --vector-column.`,
    { data: { file: name, row: number, member } },
  );
}

function copyNumbers(from: readonly unknown[], to: Float32Array, at: number, name: string, number: number): void {
  for (let i = 0; i < from.length; i++) {
    const value = from[i];
    if (typeof value !== 'number')
      throw broken(name, number, `holds something else than a number at place ${i + 1} of its vector`);
    to[at + i] = value;
  }
}

function broken(name: string, number: number, rule: string, cause?: unknown): IsovecError {
  return new IsovecError('FORMAT_INVALID', `Row ${number} of ${name} ${rule}. Write the file again, or mend the row.`, {
    cause,
    data: { file: name, row: number },
  });
}

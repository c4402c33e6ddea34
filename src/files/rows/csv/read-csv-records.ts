import { CsvError, parse, type Parser } from 'csv-parse';
import { IsovecError, isIsovecError } from '../../../shared/isovec-error.js';
import type { ByteStream } from '../byte-stream.js';
import { Utf8Check } from '../utf8-check.js';

/** A record of a CSV file. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** Bytes in the file, the line end included. */
  readonly byteLength: number;
}

/** How records are read. */
export interface CsvRecordOptions {
  readonly delimiter: string;
  readonly maxRowBytes: number;
  /** Records before the first row, for row numbers in messages. */
  readonly headerRecords: number;
}

/**
 * The records of a CSV file (RFC 4180; `\n` ends a record too) in runs as they come. Thrown, after the records before:
 * FORMAT_INVALID for a quote out of place or never closed, with its row; INPUT_INVALID for bytes that are not UTF-8,
 * with their offset; INPUT_TOO_LONG for a record of more than twice `maxRowBytes`, which is not kept in memory
 * (CWE-400).
 */
export async function* readCsvRecords(
  stream: ByteStream,
  options: CsvRecordOptions,
): AsyncGenerator<readonly CsvRecord[], void, undefined> {
  const { name } = stream;
  const longest = 2 * options.maxRowBytes;
  let batch: CsvRecord[] = [];
  let records = 0;
  /** Bytes up to the end of the last record, and bytes that were parsed. */
  let end = 0;
  let parsed = 0;
  const place = (): string => {
    const row = records - options.headerRecords + 1;
    return row > 0 ? `row ${row}` : 'the header';
  };
  const tooLong = (): IsovecError =>
    new IsovecError(
      'INPUT_TOO_LONG',
      `In ${name}, ${place()} is longer than ${longest} bytes. A quote that is never closed does that too: look at the row before as well.`,
      { data: { file: name } },
    );
  const parser = parse({
    bom: true,
    delimiter: options.delimiter,
    // Found by itself, it would be the one of the first record, and others would silently join records.
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    // Taking the records here keeps them off the object stream, which would cost more than parsing.
    on_record: (fields: readonly string[], context) => {
      const byteLength = context.bytes - end;
      if (byteLength > longest) throw tooLong();
      end = context.bytes;
      records++;
      batch.push({ fields, byteLength });
      return null;
    },
  });
  parser.on('error', () => undefined);
  const failure = (error: unknown): IsovecError => (isIsovecError(error) ? error : csvFailure(error, name, place()));
  const take = (): readonly CsvRecord[] => batch.splice(0);
  const utf8 = new Utf8Check();
  try {
    for await (const chunk of stream.chunks()) {
      const invalid = utf8.push(chunk);
      const valid = invalid === undefined ? chunk : chunk.subarray(0, Math.max(0, invalid - parsed));
      const error = await write(parser, valid);
      parsed += valid.length;
      if (batch.length > 0) yield take();
      if (error !== undefined) throw failure(error);
      if (invalid !== undefined) throw notUtf8(name, invalid);
      if (parsed - end > longest) throw tooLong();
    }
    const invalid = utf8.end();
    if (invalid !== undefined) throw notUtf8(name, invalid);
    const error = await finish(parser);
    if (batch.length > 0) yield take();
    if (error !== undefined) throw failure(error);
  } finally {
    batch = [];
    parser.destroy();
  }
}

function write(parser: Parser, chunk: Buffer): Promise<Error | undefined> {
  if (chunk.length === 0) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    parser.write(chunk, (error) => {
      resolve(error ?? undefined);
    });
  });
}

function finish(parser: Parser): Promise<Error | undefined> {
  return new Promise((resolve) => {
    parser.once('error', resolve);
    parser.once('end', () => {
      resolve(undefined);
    });
    // Its readable side is empty, but ends only when it is read.
    parser.resume();
    parser.end();
  });
}

/** The parser's own message repeats the field, which may be a text. */
function csvFailure(error: unknown, name: string, place: string): IsovecError {
  const code = error instanceof CsvError ? error.code : undefined;
  const rule = (code === undefined ? undefined : RULES[code]) ?? `${place} cannot be read (${code ?? 'unknown error'})`;
  return new IsovecError('FORMAT_INVALID', `In ${name}, ${rule.replace('ROW', place)}.`, { data: { file: name } });
}

const RULES: Readonly<Partial<Record<string, string>>> = {
  CSV_QUOTE_NOT_CLOSED:
    'a quote that begins in ROW is never closed. Close it, or double a quote that is part of a field',
  CSV_INVALID_CLOSING_QUOTE:
    'ROW has more characters after a closing quote. Double a quote that is part of a field: "a ""b"" c"',
  INVALID_OPENING_QUOTE:
    'ROW has a quote in a field that does not begin with one. Put the field in quotes, and double those inside: "a ""b"" c"',
};

function notUtf8(name: string, offset: number): IsovecError {
  return new IsovecError(
    'INPUT_INVALID',
    `${name} is not UTF-8 at byte ${offset} of the data. Convert it first, for example with iconv.`,
    { data: { file: name, offset } },
  );
}

import { isUtf8 } from 'node:buffer';
import type { ByteStream } from './byte-stream.js';
import { LineSplitter, type Line } from './line-splitter.js';
import { refuseLongRow, refuseRow } from './refuse-row.js';
import type { RefusedRow } from './row-source.js';
import { invalidUtf8Offset } from './utf8-check.js';

/** The lines of a stream in runs as they come; no run is empty. Errors of {@link ByteStream.chunks}. */
export async function* readLines(
  stream: ByteStream,
  maxRowBytes: number,
): AsyncGenerator<readonly Line[], void, undefined> {
  const splitter = new LineSplitter(maxRowBytes);
  for await (const chunk of stream.chunks()) {
    const lines = splitter.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = splitter.end();
  if (last.length > 0) yield last;
}

/** The text of a line, or why its row is refused: too long, or not UTF-8 (with the byte offset). */
export function decodeLine(line: Line, source: string, maxRowBytes: number): string | RefusedRow {
  const { bytes, number } = line;
  if (bytes === undefined) return refuseLongRow(source, number, line.byteLength, maxRowBytes);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const offset = line.offset + invalidUtf8Offset(bytes);
  return refuseRow(
    source,
    number,
    `is not UTF-8 at byte ${offset} of the data. Convert the file first, for example with iconv.`,
    {
      data: { offset },
    },
  );
}

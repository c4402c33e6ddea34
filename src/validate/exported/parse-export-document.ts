import { z } from 'zod';
import { parseJson } from '../../formats/json/parse-json.js';
import { parseJsonLines } from '../json-lines.js';
import { checkExportedRows, exportError, type ExportedVectors } from './exported-vectors.js';

/** Names and versions reach terminals and Markdown: printable ASCII only. */
const printable = z.string().regex(/^[\u0020-\u007e]{1,80}$/, 'must be 1 to 80 printable ASCII characters');

const documentSchema = z.strictObject({
  model: z.string().max(1024).optional(),
  normalize: z.boolean().default(false),
  prompt: z.string().optional(),
  versions: z.record(printable, printable).default({}),
  texts: z.array(z.unknown()),
  vectors: z.array(z.unknown()),
  input_ids: z.array(z.unknown()).optional(),
});

const lineSchema = z.strictObject({ text: z.unknown(), vector: z.unknown(), input_ids: z.unknown().optional() });

/**
 * An export as one JSON document: `texts`, `vectors` and perhaps `input_ids` of equal length, with `model`,
 * `normalize`, `prompt` and `versions` beside them. FORMAT_INVALID names the file and the rule.
 */
export function parseExportDocument(bytes: Uint8Array, file: string): ExportedVectors {
  const result = documentSchema.safeParse(parseJson(withoutNan(bytes), file));
  if (!result.success) throw exportError(file, z.prettifyError(result.error).replaceAll('\n', ' '));
  const { texts, vectors, input_ids: ids, model, normalize, prompt, versions } = result.data;
  if (vectors.length !== texts.length) {
    throw exportError(file, `it holds ${vectors.length} vectors for ${texts.length} texts`);
  }
  if (ids !== undefined && ids.length !== texts.length) {
    throw exportError(file, `it holds ${ids.length} lists of input_ids for ${texts.length} texts`);
  }
  const rows = texts.map((text, row) => ({ text, vector: vectors[row], inputIds: ids?.[row] }));
  return { model, normalize, prompt, versions, rows: checkExportedRows(file, rows) };
}

/** An export as JSON lines of `text`, `vector` and perhaps `input_ids`. FORMAT_INVALID as above. */
export function parseExportLines(bytes: Uint8Array, file: string): ExportedVectors {
  const rows = parseJsonLines(withoutNan(bytes), file).map(({ value, line }, row) => {
    const result = lineSchema.safeParse(value);
    if (!result.success) {
      throw exportError(file, `line ${line}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`, row);
    }
    return { text: result.data.text, vector: result.data.vector, inputIds: result.data.input_ids };
  });
  return {
    model: undefined,
    normalize: false,
    prompt: undefined,
    versions: {},
    rows: checkExportedRows(file, rows),
  };
}

/**
 * Python writes NaN and infinities as words that JSON does not have. They become null, so that the message can name
 * the row that holds one; text inside strings is left as it is.
 */
function withoutNan(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.includes('NaN') && !buffer.includes('Infinity')) return bytes;
  // Latin-1 keeps every byte as it is; the words and the quotes that matter are ASCII.
  const words = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/gs;
  const text = buffer.toString('latin1');
  return Buffer.from(
    text.replaceAll(words, (found) => (found.startsWith('"') ? found : 'null')),
    'latin1',
  );
}

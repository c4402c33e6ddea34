import { z } from 'zod';
import { decodeNpy } from '../../formats/npy/decode-npy.js';
import { quote } from '../../formats/quote.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { parseJsonLines } from '../json-lines.js';
import { checkExportedRows, exportError, type ExportedVectors } from './exported-vectors.js';

/** A text of the file beside an array: a string, or an object that may carry its ids too. */
const textSchema = z.union([
  z.string().transform((text) => ({ text, input_ids: undefined })),
  z.strictObject({ text: z.unknown(), input_ids: z.unknown().optional() }),
]);

/** The texts that belong to an array. */
export interface ArrayTexts {
  readonly bytes: Uint8Array;
  readonly path: string;
}

/**
 * An export as a .npy array of [texts, dimensions] in float32 or float64, with its texts from a file beside it: lines
 * of JSON (`"text"`, or `{"text", "input_ids"}`), or plain lines in a .txt file. FORMAT_INVALID names the file, the
 * row and the rule.
 */
export function parseExportArray(bytes: Uint8Array, file: string, texts: ArrayTexts): ExportedVectors {
  const { dtype, shape, data } = decodeNpy(bytes, file);
  const [count, dimensions] = shape;
  if (shape.length !== 2 || count === undefined || dimensions === undefined) {
    throw exportError(file, `its shape is [${shape.join(', ')}], where [texts, dimensions] is expected`);
  }
  if (dtype !== 'float32' && dtype !== 'float64') {
    throw exportError(file, `it holds ${dtype}; export float32 vectors, without a precision`);
  }
  const found = texts.path.endsWith('.txt') ? plainLines(texts) : jsonTexts(texts);
  if (found.length !== count) {
    throw exportError(quote(texts.path), `it holds ${found.length} texts for the ${count} vectors of ${file}`);
  }
  const rows = found.map(({ text, inputIds }, row) => ({
    text,
    inputIds,
    vector: data.subarray(row * dimensions, (row + 1) * dimensions),
  }));
  return {
    model: undefined,
    normalize: false,
    prompt: undefined,
    versions: {},
    rows: checkExportedRows(file, rows),
  };
}

interface FoundText {
  readonly text: unknown;
  readonly inputIds: unknown;
}

function jsonTexts({ bytes, path }: ArrayTexts): FoundText[] {
  const file = quote(path);
  return parseJsonLines(bytes, file).map(({ value, line }, row) => {
    const result = textSchema.safeParse(value);
    if (result.success) return { text: result.data.text, inputIds: result.data.input_ids };
    throw exportError(file, `line ${line} must be a JSON string, or an object with "text" and "input_ids"`, row);
  });
}

/** A final line end closes the last line; an empty line is the empty text. */
function plainLines({ bytes, path }: ArrayTexts): FoundText[] {
  const file = quote(path);
  let content: string;
  try {
    content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new IsovecError('FORMAT_INVALID', `${file} is not valid UTF-8.`, { cause, data: { file } });
  }
  const lines = content.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((text) => ({ text, inputIds: undefined }));
}

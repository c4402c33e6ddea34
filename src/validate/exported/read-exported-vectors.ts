import { readFile, stat } from 'node:fs/promises';
import { quote } from '../../formats/quote.js';
import { errorMessage, IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import { type ExportedVectors, exportError } from './exported-vectors.js';
import { parseExportArray, type ArrayTexts } from './parse-export-array.js';
import { parseExportDocument, parseExportLines } from './parse-export-document.js';

/** Text of this size is the longest string that Node holds; beyond it a comparison has nothing to add (CWE-400). */
const MAX_BYTES = 512 * 1024 * 1024 - 32;

/**
 * Vectors that a user exported from Python: a .json document, .jsonl lines, or a .npy array with its texts beside it
 * in the file of the same name with `.texts.jsonl`, `.jsonl` or `.txt` for an ending. NOT_FOUND or SOURCE_FORBIDDEN if
 * a file cannot be read, FORMAT_INVALID, naming file, row and rule, if its contents break a rule.
 */
export async function readExportedVectors(path: string): Promise<ExportedVectors> {
  const file = quote(path);
  if (path.endsWith('.npy')) return parseExportArray(await read(path), file, await findTexts(path));
  if (path.endsWith('.jsonl')) return parseExportLines(await read(path), file);
  if (path.endsWith('.json')) return parseExportDocument(await read(path), file);
  throw exportError(file, 'the name of an export ends in .json, .jsonl or .npy');
}

async function findTexts(path: string): Promise<ArrayTexts> {
  const stem = path.slice(0, -'.npy'.length);
  const names = [`${path}.texts.jsonl`, `${stem}.texts.jsonl`, `${stem}.jsonl`, `${stem}.txt`];
  const found: string[] = [];
  for (const name of names) if (await exists(name)) found.push(name);
  const [only, other] = found;
  if (only === undefined) {
    const list = names.map(quote).join(', ');
    throw exportError(quote(path), `the file of its texts is missing; expected is one of ${list}`);
  }
  if (other !== undefined) {
    throw exportError(quote(path), `its texts may be in ${quote(only)} or in ${quote(other)}; keep one of them`);
  }
  return { bytes: await read(only), path: only };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw readError(path, error);
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES)
      throw exportError(quote(path), `it has ${size} bytes, more than ${MAX_BYTES}; export fewer texts`);
    return await readFile(path);
  } catch (error) {
    throw readError(path, error);
  }
}

function readError(path: string, error: unknown): unknown {
  const code = systemErrorCode(error);
  if (error instanceof IsovecError) return error;
  if (code === 'ENOENT') {
    return new IsovecError('NOT_FOUND', `${quote(path)} does not exist: name a file of vectors exported from Python.`, {
      cause: error,
    });
  }
  return new IsovecError('SOURCE_FORBIDDEN', `${quote(path)} cannot be read (${code ?? errorMessage(error)}).`, {
    cause: error,
  });
}

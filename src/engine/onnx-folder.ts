import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { preparedKey, preparedSource } from '../models/cache/prepared-source.js';
import { readModelRecord } from '../models/model-config/read-model-record.js';
import type { ModelFiles } from '../models/model-files.js';
import { readTokenizerDefinition } from '../models/tokenizer-definition/read-tokenizer-definition.js';

/** Where an ONNX file of a model is looked for; the bridge's `backends/choose.py` has the same list. */
export const GRAPH_FILES: readonly string[] = ['onnx/model.onnx', 'model.onnx'];

/**
 * A folder with an ONNX file of the model, for Python's ONNX Runtime: its own where it has one, else a portable one that is
 * written into the cache once. ARCHITECTURE_UNSUPPORTED where neither can be had; else as `convertToPortable`.
 */
export async function onnxFolder(
  files: ModelFiles,
  cacheRoot: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (await holdsGraph(files.root)) return files.root;
  const folder = join(cacheRoot, 'bridge', 'models', preparedKey(await preparedSource(files, 'portable')));
  if (await holdsGraph(folder)) return folder;
  const { convertToPortable } = await import('../convert/convert-to-portable.js');
  const record = await readModelRecord(files);
  const { json } = await readTokenizerDefinition(files, record);
  try {
    await convertToPortable(files, record, {
      out: folder,
      tokenizer: json,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    // Another process may have written it meanwhile: it appears whole.
    if (!(await holdsGraph(folder))) throw error;
  }
  return folder;
}

async function holdsGraph(folder: string): Promise<boolean> {
  const found = await Promise.all(GRAPH_FILES.map((graph) => stat(join(folder, graph)).catch(() => undefined)));
  return found.some((one) => one?.isFile() === true);
}

import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CacheLayout } from '../models/cache/cache-layout.js';
import { writeNewFile } from '../models/cache/durable-files.js';
import { removeLeftovers } from '../models/cache/leftovers.js';
import { preparedKey, preparedSource, SOURCE_FILE } from '../models/cache/prepared-source.js';
import { publishFolder } from '../models/cache/publish-folder.js';
import { withStorageErrors } from '../models/cache/storage-error.js';
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
  const layout = new CacheLayout(cacheRoot);
  const source = await preparedSource(files, 'portable');
  const folder = layout.prepared(preparedKey(source));
  if (await holdsGraph(folder)) return folder;
  const { convertToPortable } = await import('../convert/convert-to-portable.js');
  const record = await readModelRecord(files);
  const { json } = await readTokenizerDefinition(files, record);
  return withStorageErrors(layout.root, async () => {
    const temporary = layout.temporaryFolder();
    const out = join(temporary, 'model');
    try {
      await removeLeftovers(layout);
      await convertToPortable(files, record, { out, tokenizer: json, ...(signal === undefined ? {} : { signal }) });
      await writeNewFile(join(out, SOURCE_FILE), JSON.stringify(source));
      await mkdir(layout.preparedModels, { recursive: true });
      // Another process may have made the same folder first.
      await publishFolder(out, folder, { aside: layout.temporaryFolder(), keep: () => holdsGraph(folder) });
      return folder;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
}

async function holdsGraph(folder: string): Promise<boolean> {
  const found = await Promise.all(GRAPH_FILES.map((graph) => stat(join(folder, graph)).catch(() => undefined)));
  return found.some((one) => one?.isFile() === true);
}

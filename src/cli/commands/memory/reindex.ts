import { createCognitiveEncoder } from '../../../memory/cognitive/cognitive-encoder.js';
import { type ReindexReport, reindexSqliteStore } from '../../../memory/stores/sqlite/reindex.js';
import { openSqliteStore } from '../../../memory/stores/sqlite/sqlite-store.js';
import type { EmbeddingSpace } from '../../../models/embedding-space.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import type { MemoryModelFlags, NamedModel } from '../../memory/memory-flags.js';
import { openMemoryModel } from '../../memory/open-memory-model.js';
import { fileOf, storePlaceOf } from '../../memory/store-place.js';
import { formatCount } from '../../text/format-count.js';

const WAY_OUT = 'Export the memories, and import them into another schema with the other model.';

/** `isovec memory reindex` */
export async function reindexMemories(
  flags: MemoryModelFlags,
  named: NamedModel,
  context: CommandContext,
): Promise<ExitCode> {
  const { json, output, talk } = context;
  const place = storePlaceOf(flags, context);
  const file = fileOf(place, WAY_OUT);
  const { space, embedded } = await reindex(file, flags, named, context);
  // A server beside the file is sent the new vectors.
  if (flags.qdrant !== undefined) await (await place.open()).close();
  const { model, dimensions } = space;
  talk.clear();
  if (json) await output.json({ store: file, space: { model, dimensions }, embedded });
  else await output.line(`${formatCount(embedded)} memories embedded anew with ${model}, ${dimensions} dimensions`);
  return 0;
}

async function reindex(
  file: string,
  flags: MemoryModelFlags,
  named: NamedModel,
  context: CommandContext,
): Promise<ReindexReport> {
  const model = await openMemoryModel(await spaceOf(file), flags, { named }, context);
  try {
    const { signal, talk } = context;
    const encoder = createCognitiveEncoder(model);
    return await reindexSqliteStore({ file, encoder, signal, onProgress: talk.onProgress });
  } finally {
    await model.close();
  }
}

/** The space of a file that is there. NOT_FOUND. */
async function spaceOf(file: string): Promise<EmbeddingSpace> {
  const store = await openSqliteStore({ file });
  await store.close();
  return store.space;
}

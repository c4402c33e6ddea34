import type { Embedder } from '../../engine/embedder.js';
import type { EmbeddingSpace } from '../../models/embedding-space.js';
import { IsovecError, isIsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import { type ExpectedWork, openModel } from '../model-flags.js';
import type { MemoryModelFlags, NamedModel } from './memory-flags.js';

/**
 * Loads the model for memories: the one that is named on the command line, else the one that made those that are there,
 * else the usual one; so too for the element type of its weights.
 */
export async function openMemoryModel(
  space: EmbeddingSpace | undefined,
  flags: MemoryModelFlags,
  { named, fewTexts }: ExpectedWork & { readonly named: NamedModel },
  context: CommandContext,
): Promise<Embedder> {
  const recorded = named.model ? undefined : space?.model;
  const chosen: MemoryModelFlags = {
    ...flags,
    ...(recorded === undefined ? {} : { model: recorded }),
    ...(named.dtype || named.model || space === undefined ? {} : { dtype: space.weightDtype }),
  };
  try {
    return await openModel(chosen, context, { ...(fewTexts === undefined ? {} : { fewTexts }) });
  } catch (error) {
    if (recorded === undefined || !isIsovecError(error, 'MODEL_NOT_FOUND')) throw error;
    throw new IsovecError(
      'MODEL_NOT_FOUND',
      `The memories were made with the model ${recorded}. ${error.message} If it is elsewhere now, name it with --model.`,
      { cause: error, data: error.data },
    );
  }
}

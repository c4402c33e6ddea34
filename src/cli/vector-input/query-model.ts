import type { Embedder } from '../../engine/embedder.js';
import type { VectorFile } from '../../files/vectors/vector-file.js';
import { assertSameSpace } from '../../models/embedding-space.js';
import { IsovecError, isIsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import { type ModelFlags, openModel } from '../model-flags.js';

/** How the model of a query is chosen. */
export interface QueryModelChoice {
  readonly flags: ModelFlags & { readonly dimensions?: number; readonly anyDtype?: boolean };
  /** Which flags stand on the command line, and not in a setting for all commands. */
  readonly named: { readonly model: boolean; readonly dtype: boolean };
}

/**
 * Loads the model that made a file's vectors: the one that is named on the command line, else the one of the file's
 * metadata, else the usual one; so too for the element type of its weights. SPACE_MISMATCH if its vectors must not be
 * compared with those of the file.
 */
export async function openQueryModel(
  file: VectorFile,
  { flags, named }: QueryModelChoice,
  context: CommandContext,
): Promise<Embedder> {
  const space = file.metadata?.space;
  const recorded = named.model ? undefined : space?.model;
  const model = await openNamed(
    {
      ...flags,
      ...(recorded === undefined ? {} : { model: recorded }),
      ...(named.dtype || space === undefined ? {} : { dtype: space.weightDtype }),
    },
    recorded,
    file,
    context,
  );
  try {
    assertComparable(file, model, flags, context);
    return model;
  } catch (error) {
    await model.close();
    throw error;
  }
}

async function openNamed(
  flags: ModelFlags,
  recorded: string | undefined,
  file: VectorFile,
  context: CommandContext,
): Promise<Embedder> {
  try {
    return await openModel(flags, context);
  } catch (error) {
    if (recorded === undefined || !isIsovecError(error, 'MODEL_NOT_FOUND')) throw error;
    throw new IsovecError(
      'MODEL_NOT_FOUND',
      `${file.name} was made with the model ${recorded}. ${error.message} If it is elsewhere now, name it with --model.`,
      { cause: error, data: error.data },
    );
  }
}

function assertComparable(
  file: VectorFile,
  model: Embedder,
  { dimensions: asked, anyDtype = false }: QueryModelChoice['flags'],
  { talk }: CommandContext,
): void {
  if (file.metadata !== undefined) {
    assertSameSpace(file.metadata.space, model.space, { anyWeightDtype: anyDtype });
    return;
  }
  const { id, dimensions, maxDimensions } = model.info();
  const expected = asked ?? dimensions;
  if (file.dimensions !== expected || expected > maxDimensions) {
    throw new IsovecError(
      'SPACE_MISMATCH',
      `The vectors of ${file.name} have ${file.dimensions} dimensions, those of ${id} have ${dimensions}. Name the model that made them with --model; if they were cut, say so with --dimensions ${file.dimensions}.`,
      { data: { file: file.dimensions, model: dimensions } },
    );
  }
  talk.info(
    `${file.name} does not say which model made its vectors: nothing proves that ${id} did. Scores mean something only if it did.`,
  );
}

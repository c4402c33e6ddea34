import { describeSpace, type EmbeddingSpace, spaceIdentity } from '../../../models/embedding-space.js';
import { IsovecError } from '../../../shared/isovec-error.js';
import type { SqliteConnection } from './sqlite-connection.js';

/** A row of `spaces`. */
export interface SpaceRow {
  readonly id: number;
  /** As `spaceIdentity`. */
  readonly identity: string;
  /** The space as JSON. */
  readonly space: string;
}

/** The space of a file's vectors; undefined if it has none yet. */
export function currentSpace(connection: SqliteConnection): SpaceRow | undefined {
  return connection.all<SpaceRow>('SELECT * FROM spaces WHERE is_current = 1')[0];
}

/** SPACE_MISMATCH, with the way out, for a file whose vectors are of another space than the wanted one. */
export function otherSpace(file: string, current: SpaceRow | undefined, wanted: EmbeddingSpace): IsovecError {
  const held = current === undefined ? 'an unknown model' : describeSpace(JSON.parse(current.space) as EmbeddingSpace);
  return new IsovecError(
    'SPACE_MISMATCH',
    `${file} holds vectors of ${held}, and those wanted are of ${describeSpace(wanted)}. Open it with the model and the fusion weights that it was made with, or give all its memories new vectors: isovec memory reindex.`,
    { data: { file, store: current?.identity, wanted: spaceIdentity(wanted) } },
  );
}

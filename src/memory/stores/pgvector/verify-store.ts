import type { StoreFault } from '../store.js';
import type { StoreNames } from './migrations.js';
import type { RunSql } from './postgres-pool.js';
import { recordChecksum, vectorChecksum } from './record-rows.js';
import { vectorOfBytes } from './vector-text.js';

/** Memories that are read at a time. */
const PAGE = 500;

interface CheckedRow {
  readonly number: string;
  readonly id: string;
  readonly content: string;
  readonly checksum: Uint8Array;
  readonly vector: Uint8Array | null;
  readonly vector_checksum: Uint8Array | null;
}

/** Looks for damage, inside a transaction that sees one state: what lacks a vector or a memory, and what is not what was written. */
export async function verifyStore(run: RunSql, { schema, extension }: StoreNames): Promise<readonly StoreFault[]> {
  const faults: StoreFault[] = [];
  const orphan = (column: string): string =>
    `NOT EXISTS (SELECT 1 FROM ${schema}.records WHERE records.number = ${column})`;
  // Foreign keys keep these from happening, unless somebody switches them off.
  for (const [fault, sql] of [
    ['a vector belongs to no memory', `${schema}.vectors WHERE ${orphan('record')}`],
    ['a connection belongs to no memory', `${schema}.connections WHERE ${orphan('source')} OR ${orphan('target')}`],
  ] as const) {
    if ((await run(`SELECT 1 FROM ${sql} LIMIT 1`)).length > 0) faults.push({ id: undefined, fault });
  }
  for (let after = '0'; ;) {
    const rows = await run<CheckedRow>(
      `SELECT records.number, id, content, records.checksum, ${extension}.vector_send(vector) AS vector,
         vectors.checksum AS vector_checksum
       FROM ${schema}.records LEFT JOIN ${schema}.vectors ON record = records.number
       WHERE records.number > $1 ORDER BY records.number LIMIT ${PAGE}`,
      [after],
    );
    faults.push(...rows.flatMap(faultsOf));
    after = rows.at(-1)?.number ?? after;
    if (rows.length < PAGE) return faults;
  }
}

function faultsOf({ id, content, checksum, vector, vector_checksum: known }: CheckedRow): StoreFault[] {
  const faults: StoreFault[] = [];
  if (!recordChecksum(id, content).equals(checksum)) faults.push({ id, fault: 'its content is not what was written' });
  if (vector === null || known === null) faults.push({ id, fault: 'it has no vector' });
  else if (!vectorChecksum(vectorOfBytes(vector)).equals(known))
    faults.push({ id, fault: 'its vector is not what was written' });
  return faults;
}

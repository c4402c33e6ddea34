import { isMemoryConnection, isMemoryRecord } from './parse-record.js';
import { isJsonObject, type JsonObject, parseJson } from '../formats/json/parse-json.js';
import { type EmbeddingSpace, spaceIdentity } from '../models/embedding-space.js';
import { IsovecError } from '../shared/isovec-error.js';
import { base64ToFloat32, float32ToBase64 } from '../vector/index.js';
import type { MemoryFilter } from './memory-filter.js';
import type { MemoryConnection, MemoryRecord } from './memory-record.js';
import type { MemoryStore, StoredMemory } from './stores/store.js';

/** What was read from an archive. */
export interface ImportReport {
  readonly memories: number;
  readonly connections: number;
  /** Memories whose vectors were made anew, because those of the archive are of another space. */
  readonly embedded: number;
}

/** Version of the lines; it grows when an older program could not read them. */
const VERSION = 1;
const BATCH = 256;

/** JSON lines: a head, memories with their vectors, connections. */
export async function* exportLines(
  store: MemoryStore,
  list: (filter: MemoryFilter) => AsyncIterable<MemoryRecord>,
): AsyncGenerator<string> {
  const { fingerprint, weightDtype, model, dimensions } = store.space;
  yield JSON.stringify({ isovecMemory: VERSION, space: { fingerprint, weightDtype, model, dimensions } });
  const ids: string[] = [];
  for await (const records of inBatches(list({}))) {
    const vectors = await store.vectors(records.map(({ id }) => id));
    for (const [at, record] of records.entries()) {
      const vector = vectors[at];
      // Forgotten meanwhile.
      if (vector === undefined) continue;
      ids.push(record.id);
      yield JSON.stringify({ memory: record, vector: float32ToBase64(vector) });
    }
  }
  for (let begin = 0; begin < ids.length; begin += BATCH) {
    const some = ids.slice(begin, begin + BATCH);
    const own = new Set(some);
    // Each by the memory that it begins at, so that it is told once.
    for (const connection of await store.connections(some)) {
      if (own.has(connection.from)) yield JSON.stringify({ connection });
    }
  }
}

/** Puts the lines of an archive into a store, batch by batch. FORMAT_INVALID names the line that is none. */
export async function importLines(
  lines: AsyncIterable<string>,
  store: MemoryStore,
  embed: (records: readonly MemoryRecord[]) => Promise<readonly StoredMemory[]>,
): Promise<ImportReport> {
  let number = 0;
  let isSameSpace: boolean | undefined;
  const counts = { memories: 0, connections: 0, embedded: 0 };
  let memories: StoredMemory[] = [];
  let connections: MemoryConnection[] = [];
  const flush = async (): Promise<void> => {
    if (isSameSpace !== true && memories.length > 0) {
      memories = [...(await embed(memories.map(({ record }) => record)))];
      counts.embedded += memories.length;
    }
    if (memories.length > 0 || connections.length > 0) await store.apply({ put: memories, connect: connections });
    counts.memories += memories.length;
    counts.connections += connections.length;
    memories = [];
    connections = [];
  };
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const value = readLine(line, number);
    if (isSameSpace === undefined) {
      isSameSpace = readHead(value, number) === spaceIdentity(store.space);
      continue;
    }
    if (isJsonObject(value['memory'])) memories.push(readMemory(value, number));
    else if (isJsonObject(value['connection'])) connections.push(readConnection(value['connection'], number));
    else throw invalidLine(number, 'holds neither a memory nor a connection');
    if (memories.length + connections.length >= BATCH) await flush();
  }
  if (isSameSpace === undefined) throw new IsovecError('FORMAT_INVALID', 'The archive is empty.');
  await flush();
  return counts;
}

function readLine(line: string, number: number): JsonObject {
  const value = parseJson(new TextEncoder().encode(line), `Line ${number} of the archive`);
  if (!isJsonObject(value)) throw invalidLine(number, 'holds no JSON object');
  return value;
}

function readHead({ isovecMemory, space }: JsonObject, number: number): string {
  if (isovecMemory !== VERSION) throw invalidLine(number, 'is not the head of an archive that this version can read');
  if (!isJsonObject(space) || typeof space['fingerprint'] !== 'string') throw invalidLine(number, 'names no space');
  return spaceIdentity(space as unknown as EmbeddingSpace);
}

function readConnection(value: JsonObject, number: number): MemoryConnection {
  if (!isMemoryConnection(value)) throw invalidLine(number, 'holds no whole connection');
  return value;
}

function readMemory({ memory, vector }: JsonObject, number: number): { record: MemoryRecord; vector: Float32Array } {
  if (typeof vector !== 'string') throw invalidLine(number, 'holds a memory without a vector');
  if (!isMemoryRecord(memory)) throw invalidLine(number, 'holds no whole memory');
  return { record: memory, vector: base64ToFloat32(vector) };
}

async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function invalidLine(number: number, what: string): IsovecError {
  return new IsovecError('FORMAT_INVALID', `Line ${number} of the archive ${what}.`, { data: { line: number } });
}

import { IsovecError } from '../shared/isovec-error.js';
import { throwIfAborted } from '../shared/abort.js';
import { cosine } from '../vector/index.js';
import type { MemoryEncoder } from './memory-encoder.js';
import { meetsFilter } from './memory-filter.js';
import type { RecallOptions, RecallResult } from './memory-input.js';
import type { MemoryRecord } from './memory-record.js';
import { type Activation, activationOf } from './ranking/activation.js';
import { type BridgeCandidate, groupByActivation, rankBridges, type RecalledMemory } from './ranking/rank-memories.js';
import type { RankingSettings } from './ranking/ranking-settings.js';
import { otherEnd, type Spread, spreadActivation } from './ranking/spread-activation.js';
import type { FoundMemory, MemoryStore } from './stores/store.js';

/** What a recall works with. */
export interface RecallParts {
  readonly store: MemoryStore;
  readonly encoder: MemoryEncoder;
  readonly settings: RankingSettings;
  readonly now: number;
}

const DEFAULT_LIMIT = 10;
const MOST_LIMIT = 1000;
/** Similar memories that are looked at for each one that is asked for: access and importance change their order. */
const LOOKED_AT = 5;
const LEAST_LOOKED_AT = 50;

/** What a query brings to mind. INPUT_INVALID for a blank query, CONFIG_INVALID for the limit; what encoder and store reject with. */
export async function recall(query: string, options: RecallOptions, parts: RecallParts): Promise<RecallResult> {
  const { limit = DEFAULT_LIMIT, dimensions = {}, touch = true, signal, ...filter } = options;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MOST_LIMIT) {
    throw new IsovecError('CONFIG_INVALID', `limit must be a whole number from 1 to ${MOST_LIMIT}.`, {
      data: { limit },
    });
  }
  const { store, encoder, settings, now } = parts;
  const encoded = await encoder.encodeBatch([query], {
    profiles: [dimensions],
    task: 'query',
    ...(signal === undefined ? {} : { signal }),
  });
  const found = await store.search(encoded.data, { limit: Math.max(LEAST_LOOKED_AT, limit * LOOKED_AT), filter });
  throwIfAborted(signal);
  const own = new Map(
    found.map(({ record, similarity }) => [record.id, activationOf(record, similarity, now, settings)]),
  );
  const spread = await spreadActivation(own, (ids) => store.connections(ids), settings);
  const reached = await foundById(
    store,
    encoded.data,
    [...spread.keys()].filter((id) => !own.has(id)),
  );
  const all = [...found, ...reached.filter(({ record }) => meetsFilter(record, filter))];
  const memories = all.map(({ record, similarity }) => {
    const activation = own.get(record.id) ?? activationOf(record, similarity, now, settings);
    return recalled(record, activation, spread.get(record.id));
  });
  const groups = groupByActivation(memories, settings);
  const core = groups.core.slice(0, limit);
  const peripheral = groups.peripheral.slice(0, limit);
  const { quiet } = groups;
  const candidates = await bridgeCandidates(store, quiet, [...core, ...peripheral]);
  throwIfAborted(signal);
  if (touch && core.length > 0)
    await store.touch(
      core.map(({ record }) => record.id),
      now,
    );
  const bridges = rankBridges(candidates, settings).slice(0, limit);
  const nothing = core.length + peripheral.length === 0;
  return { core, peripheral, bridges, nearest: nothing ? quiet.slice(0, limit) : [] };
}

function recalled(record: MemoryRecord, { value, parts }: Activation, spread: Spread | undefined): RecalledMemory {
  if (spread === undefined || spread.value <= value) return { record, value, parts };
  return { record, value: spread.value, parts: { ...parts, spread } };
}

/** Memories that connections lead to, with their similarity; those that went meanwhile are left out. */
async function foundById(store: MemoryStore, query: Float32Array, ids: readonly string[]): Promise<FoundMemory[]> {
  if (ids.length === 0) return [];
  const [records, vectors] = await Promise.all([store.get(ids), store.vectors(ids)]);
  return records.flatMap((record, at) => {
    const vector = vectors[at];
    return record === undefined || vector === undefined ? [] : [{ record, similarity: cosine(query, vector) }];
  });
}

/** The best link of every quiet memory to an activated one: the weight of a connection, or the cosine of their vectors. */
async function bridgeCandidates(
  store: MemoryStore,
  quiet: readonly RecalledMemory[],
  activated: readonly RecalledMemory[],
): Promise<BridgeCandidate[]> {
  if (quiet.length === 0 || activated.length === 0) return [];
  const targets = activated.map(({ record }) => record.id);
  const [quietVectors, targetVectors, connections] = await Promise.all([
    store.vectors(quiet.map(({ record }) => record.id)),
    store.vectors(targets),
    store.connections(targets),
  ]);
  return quiet.flatMap(({ record, parts }, at): BridgeCandidate[] => {
    // That a whole, its parts and the other parts belong together is known already.
    if (activated.some((other) => isOneWhole(record, other.record))) return [];
    let link = 0;
    let to = '';
    const offer = (value: number, target: string): void => {
      if (value > link) [link, to] = [Math.min(1, value), target];
    };
    targets.forEach((target, index) => {
      const [a, b] = [quietVectors[at], targetVectors[index]];
      if (a !== undefined && b !== undefined) offer(cosine(a, b), target);
      for (const connection of connections) {
        if (otherEnd(connection, target) === record.id) offer(connection.weight, target);
      }
    });
    return [{ record, similarity: parts.similarity, link, to }];
  });
}

/** Whether one of two memories is a part of the other, or both are parts of a third. */
function isOneWhole(a: MemoryRecord, b: MemoryRecord): boolean {
  return a.parentId === b.id || b.parentId === a.id || (a.parentId !== undefined && a.parentId === b.parentId);
}

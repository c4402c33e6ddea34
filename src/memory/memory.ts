import { randomUUID } from 'node:crypto';
import { describeSpace, isSameSpace, spaceIdentity } from '../models/embedding-space.js';
import { throwIfAborted } from '../shared/abort.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { ProgressListener } from '../shared/progress.js';
import { profileOf } from './cognitive/cognitive-dimensions.js';
import { checkInput, isShare } from './check-input.js';
import { exportLines, importLines, type ImportReport } from './memory-archive.js';
import type { MemoryEncoder } from './memory-encoder.js';
import type { MemoryFilter } from './memory-filter.js';
import type { ForgetReport, LoadReport, MemoryInput, RecallOptions, RecallResult } from './memory-input.js';
import type { MemoryConnection, MemoryRecord } from './memory-record.js';
import { loadSource } from './load-source.js';
import { mapInTurns } from './map-in-turns.js';
import { DEFAULT_RANKING, type RankingSettings } from './ranking/ranking-settings.js';
import { recall } from './recall.js';
import type { SourceContent } from './sources/source-reader.js';
import type { MemoryPatch, MemoryStore, StoredMemory, StoreFault, StoreStatus } from './stores/store.js';

/** What a {@link Memory} is made of. */
export interface MemoryOptions {
  readonly store: MemoryStore;
  /** Of the store's space. */
  readonly encoder: MemoryEncoder;
  readonly ranking?: Partial<RankingSettings>;
  /** The time in milliseconds since 1970; that of the system by default. */
  readonly now?: () => number;
}

/** A link between two memories that are there. */
export interface ConnectionInput {
  readonly from: string;
  readonly to: string;
  /** 'related' by default. */
  readonly type?: string;
  /** In [0, 1]; 1 by default. */
  readonly weight?: number;
  /** Whether it leads back, too; true by default. */
  readonly bidirectional?: boolean;
}

/** Which memories are forgotten; at least one condition is needed, so that nothing is forgotten by accident. */
export type ForgetFilter = Pick<MemoryFilter, 'ids' | 'anyTags' | 'allTags' | 'source'>;

/** Options of calls that embed. */
export interface MemoryCallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

const DEFAULT_IMPORTANCE = 0.5;
const DEFAULT_STRENGTH = 0.5;
const PAGE = 500;
/** Texts that are embedded at a time. */
const PIECE = 256;
/** Accesses after which an episode counts as knowledge. */
const CONSOLIDATE_ACCESSES = 5;
/** How much firmer a memory is once it was consolidated. */
const CONSOLIDATED_STRENGTH = 0.2;

/**
 * Remembers texts with their meaning and their cognitive dimensions, and recalls them. Safe to call concurrently, and beside
 * other processes where the store allows it. Rejects with an `IsovecError` alone: what the encoder and the store reject with,
 * INPUT_INVALID that names the memory and the field, NOT_FOUND, ABORTED.
 */
export class Memory implements AsyncDisposable {
  readonly store: MemoryStore;
  readonly #encoder: MemoryEncoder;
  readonly #ranking: RankingSettings;
  readonly #now: () => number;

  /** SPACE_MISMATCH if encoder and store are of different spaces. */
  constructor({ store, encoder, ranking = {}, now = Date.now }: MemoryOptions) {
    if (!isSameSpace(store.space, encoder.space)) {
      throw new IsovecError(
        'SPACE_MISMATCH',
        `The store holds vectors of ${describeSpace(store.space)}, and the encoder gives those of ${describeSpace(encoder.space)}: open it with the model and the fusion weights that it was made with, or make it anew: isovec memory reindex.`,
        { data: { store: spaceIdentity(store.space), encoder: spaceIdentity(encoder.space) } },
      );
    }
    this.store = store;
    this.#encoder = encoder;
    this.#ranking = { ...DEFAULT_RANKING, ...ranking };
    this.#now = now;
  }

  /** Remembers texts, all of them or none; a memory with the id of one that is there replaces it. */
  async remember(
    inputs: readonly (string | MemoryInput)[],
    options: MemoryCallOptions = {},
  ): Promise<readonly MemoryRecord[]> {
    const stored = await this.#embedded(await this.#records(inputs, options.signal), options);
    if (stored.length > 0) await this.store.apply({ put: stored });
    return stored.map(({ record }) => record);
  }

  /** What a query brings to mind: the core, its periphery, and bridges to what is far from the query but near to these. */
  async recall(query: string, options: RecallOptions = {}): Promise<RecallResult> {
    checkInput({ content: query }, 0);
    const { store } = this;
    return recall(query, options, { store, encoder: this.#encoder, settings: this.#ranking, now: this.#now() });
  }

  /** Memories by id, undefined for those that are not there. */
  get(ids: readonly string[]): Promise<readonly (MemoryRecord | undefined)[]> {
    return this.store.get(ids);
  }

  /** All memories that meet a filter, by id. */
  async *list(filter: MemoryFilter = {}): AsyncGenerator<MemoryRecord> {
    for (let after = ''; ;) {
      const page = await this.store.list({ filter, after, limit: PAGE });
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.id;
    }
  }

  /** Changes fields of a memory that are not part of its vector. NOT_FOUND. */
  async update(id: string, fields: MemoryPatch): Promise<void> {
    checkInput({ content: '-', ...fields }, 0);
    await this.store.apply({ patch: [{ id, fields, modifiedAt: this.#now() }] });
  }

  /** Connects memories; a connection with the same ends and type is replaced. NOT_FOUND names an end that is not there. */
  async relate(connections: readonly ConnectionInput[]): Promise<readonly MemoryConnection[]> {
    const createdAt = this.#now();
    const made = connections.map(({ from, to, type = 'related', weight = 1, bidirectional = true }, index) => {
      if (!isShare(weight)) throw invalidConnection(index, 'weight must be a number from 0 to 1');
      if (from === to) throw invalidConnection(index, 'from and to must be two memories');
      if (type === '' || type.length > 64) throw invalidConnection(index, 'type must be a text of 1 to 64 characters');
      return { from, to, type, weight, bidirectional, createdAt };
    });
    await this.store.apply({ connect: made });
    return made;
  }

  /** Forgets memories with their vectors and connections; with `dryRun` says only which. CONFIG_INVALID without a condition. */
  async forget(filter: ForgetFilter, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<ForgetReport> {
    const { ids, anyTags, allTags, source } = filter;
    if ([ids, anyTags, allTags, source].every((condition) => condition === undefined || condition.length === 0)) {
      throw new IsovecError('CONFIG_INVALID', 'Say what is to be forgotten: ids, tags or a source.');
    }
    const removed: MemoryRecord[] = [];
    for await (const record of this.list(filter)) removed.push(record);
    if (!dryRun && removed.length > 0) await this.store.apply({ remove: removed.map(({ id }) => id) });
    return { removed: removed.map(({ id, content, tags }) => ({ id, content, tags })), dryRun };
  }

  /** Makes knowledge of episodes that were recalled often; gives their ids. */
  async consolidate({ accesses = CONSOLIDATE_ACCESSES }: { readonly accesses?: number } = {}): Promise<
    readonly string[]
  > {
    const due: MemoryRecord[] = [];
    for await (const record of this.list({ kinds: ['episodic'] })) if (record.accessCount >= accesses) due.push(record);
    const modifiedAt = this.#now();
    const patch = due.map(({ id, strength }) => ({
      id,
      modifiedAt,
      fields: { kind: 'semantic', strength: Math.min(1, strength + CONSOLIDATED_STRENGTH) } as const,
    }));
    if (patch.length > 0) await this.store.apply({ patch });
    return due.map(({ id }) => id);
  }

  /**
   * Loads a source: what has a new content is embedded, what it does not hold any more is forgotten, all in one step; with
   * `dryRun` says only what that would change.
   */
  async load(
    content: SourceContent,
    { dryRun = false, ...options }: MemoryCallOptions & { readonly dryRun?: boolean } = {},
  ): Promise<LoadReport> {
    const parts = {
      store: this.store,
      now: this.#now(),
      listed: (filter: MemoryFilter) => this.list(filter),
      records: (inputs: readonly MemoryInput[]) => this.#records(inputs, options.signal),
      embedded: (records: readonly MemoryRecord[]) => this.#embedded(records, options),
    };
    return loadSource(content, parts, dryRun);
  }

  status(): Promise<StoreStatus> {
    return this.store.status();
  }

  /** What is damaged in the store; an empty list if nothing is. */
  verify(): Promise<readonly StoreFault[]> {
    return this.store.verify();
  }

  /** Everything as JSON lines: the first says of which space the vectors are, then memories with vectors, then connections. */
  export(): AsyncGenerator<string> {
    return exportLines(this.store, (filter) => this.list(filter));
  }

  /** Reads what {@link export} wrote; vectors of another space are made anew from the contents. FORMAT_INVALID names the line. */
  import(lines: AsyncIterable<string>, options: MemoryCallOptions = {}): Promise<ImportReport> {
    return importLines(lines, this.store, (records) => this.#embedded(records, options));
  }

  /** Closes the store. The encoder stays open. Idempotent. */
  close(): Promise<void> {
    return this.store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Records of checked inputs. Reading profiles of long texts takes a while: others have a turn in between. */
  async #records(
    inputs: readonly (string | MemoryInput)[],
    signal: AbortSignal | undefined,
  ): Promise<readonly MemoryRecord[]> {
    const whole = inputs.map((input): MemoryInput => (typeof input === 'string' ? { content: input } : input));
    whole.forEach(checkInput);
    const now = this.#now();
    const record = (input: MemoryInput): MemoryRecord => {
      const dimensions = { ...this.#encoder.profile(input.content), ...input.dimensions };
      return recordOf(input, profileOf(dimensions), now);
    };
    return mapInTurns(whole, record, () => {
      throwIfAborted(signal);
    });
  }

  /** Records with their vectors, made in pieces, so that long work can be followed and cancelled. */
  async #embedded(
    records: readonly MemoryRecord[],
    { signal, onProgress }: MemoryCallOptions = {},
  ): Promise<StoredMemory[]> {
    const width = this.store.space.dimensions;
    const made: StoredMemory[] = [];
    while (made.length < records.length) {
      const piece = records.slice(made.length, made.length + PIECE);
      const { data } = await this.#encoder.encodeBatch(
        piece.map(({ content }) => content),
        {
          profiles: piece.map(({ dimensions }) => dimensions),
          task: 'document',
          ...(signal === undefined ? {} : { signal }),
        },
      );
      piece.forEach((record, at) => made.push({ record, vector: data.slice(at * width, (at + 1) * width) }));
      throwIfAborted(signal);
      onProgress?.({ phase: 'embed', subject: 'memories', done: made.length, total: records.length, unit: 'texts' });
    }
    return made;
  }
}

function recordOf(input: MemoryInput, dimensions: MemoryRecord['dimensions'], now: number): MemoryRecord {
  return {
    id: input.id ?? randomUUID(),
    content: input.content,
    level: input.level ?? 2,
    kind: input.kind ?? 'episodic',
    dimensions,
    importance: input.importance ?? DEFAULT_IMPORTANCE,
    strength: input.strength ?? DEFAULT_STRENGTH,
    accessCount: 0,
    tags: [...new Set(input.tags)].sort(),
    source: input.source,
    parentId: input.parentId,
    createdAt: now,
    modifiedAt: now,
    sourceAt: input.sourceAt,
    accessedAt: undefined,
    metadata: input.metadata ?? {},
  };
}

function invalidConnection(index: number, rule: string): IsovecError {
  return new IsovecError('INPUT_INVALID', `Connection ${index}: ${rule}.`, { data: { index } });
}

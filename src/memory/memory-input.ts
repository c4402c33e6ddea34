import type { JsonObject } from '../formats/json/parse-json.js';
import type { CognitiveProfile } from './cognitive/cognitive-dimensions.js';
import type { MemoryFilter } from './memory-filter.js';
import type { MemoryKind, MemoryLevel, MemoryRecord, MemorySource } from './memory-record.js';
import type { BridgeMemory, RecalledMemory } from './ranking/rank-memories.js';

/** What is remembered: a content, and whatever of the rest is known. */
export interface MemoryInput {
  readonly content: string;
  /** A new one by default; that of a memory which is there replaces it. */
  readonly id?: string;
  /** 2, an episode, by default. */
  readonly level?: MemoryLevel;
  /** 'episodic' by default. */
  readonly kind?: MemoryKind;
  /** Read from the content by default; those that are given take the place of what was read. */
  readonly dimensions?: Partial<CognitiveProfile>;
  /** 0.5 by default. */
  readonly importance?: number;
  /** 0.5 by default. */
  readonly strength?: number;
  readonly tags?: readonly string[];
  readonly source?: MemorySource;
  readonly parentId?: string;
  /** Milliseconds since 1970. */
  readonly sourceAt?: number;
  readonly metadata?: JsonObject;
}

/** Options of a recall. */
export interface RecallOptions extends Omit<MemoryFilter, 'dimensions'> {
  /** Most memories of each group; 10 by default. */
  readonly limit?: number;
  /** Dimensions that memories should show, beside those of the query's text: 1 asks for all of it. They move the query, and exclude nothing. */
  readonly dimensions?: Partial<CognitiveProfile>;
  /** Whether the recall counts as an access of the core; true by default. */
  readonly touch?: boolean;
  readonly signal?: AbortSignal;
}

/** What a query brought to mind. */
export interface RecallResult {
  readonly core: readonly RecalledMemory[];
  readonly peripheral: readonly RecalledMemory[];
  readonly bridges: readonly BridgeMemory[];
  /** If core and periphery are empty, the memories that came nearest to them, the nearest first; else empty. */
  readonly nearest: readonly RecalledMemory[];
}

/** What forgetting removed, or would remove. */
export interface ForgetReport {
  readonly removed: readonly Pick<MemoryRecord, 'id' | 'content' | 'tags'>[];
  /** Whether nothing was removed because it was only asked what would be. */
  readonly dryRun: boolean;
}

/** What loading a source changed. */
export interface LoadReport {
  readonly source: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Whether nothing was changed because it was only asked what would be. */
  readonly dryRun: boolean;
}

import type { JsonObject } from '../formats/json/parse-json.js';
import type { CognitiveProfile } from './cognitive/cognitive-dimensions.js';

/** 0 a concept, 1 a context, 2 an episode. */
export type MemoryLevel = 0 | 1 | 2;

/** What happened, or what is known of it in general. */
export type MemoryKind = 'episodic' | 'semantic';

/** Where a memory was read from. */
export interface MemorySource {
  /** Path of a file, or of a repository; what is loaded again replaces what has the same path. */
  readonly path: string;
  /** 'markdown', 'git', or what a program of its own says. */
  readonly type: string;
}

/** One memory. Instants are milliseconds since 1970, UTC. */
export interface MemoryRecord {
  readonly id: string;
  readonly content: string;
  readonly level: MemoryLevel;
  readonly kind: MemoryKind;
  /** What was read from the content beside its meaning. */
  readonly dimensions: CognitiveProfile;
  /** In [0, 1]: how much it matters, as whoever stored it says. */
  readonly importance: number;
  /** In [0, 1]: how firm it is; grows when memories are consolidated. */
  readonly strength: number;
  /** How often it was recalled. */
  readonly accessCount: number;
  readonly tags: readonly string[];
  readonly source: MemorySource | undefined;
  /** Id of the memory that it is a part of. */
  readonly parentId: string | undefined;
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** When what it tells of happened, or was written. */
  readonly sourceAt: number | undefined;
  readonly accessedAt: number | undefined;
  /** Whatever a program wants to keep with it. */
  readonly metadata: JsonObject;
}

/** A link from one memory to another. */
export interface MemoryConnection {
  readonly from: string;
  readonly to: string;
  /** Such as 'follows', 'explains', 'parent'. */
  readonly type: string;
  /** In [0, 1]. */
  readonly weight: number;
  /** Whether it leads back, too. */
  readonly bidirectional: boolean;
  readonly createdAt: number;
}

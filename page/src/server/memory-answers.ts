/** What the page reads of a memory. */
export interface StoredMemory {
  readonly id: string;
  readonly content: string;
  readonly kind: MemoryKind;
  readonly tags: readonly string[];
  readonly createdAt: string;
  readonly sourceAt?: string;
}

export type MemoryKind = 'episodic' | 'semantic';

/** What it reads of a recalled memory. */
export interface Recalled {
  readonly memory: StoredMemory;
  readonly score: number;
  readonly parts: {
    readonly similarity: number;
    readonly access: number;
    readonly importance: number;
    readonly kept: number;
    readonly spread?: { readonly from: string; readonly steps: number };
  };
}

/** What it reads of a memory that is far from the query. */
export interface Bridge {
  readonly memory: StoredMemory;
  readonly score: number;
  readonly parts: { readonly novelty: number; readonly link: number; readonly to: string };
}

/** What it reads of POST /memory/recall. */
export interface RecallAnswer {
  readonly core: readonly Recalled[];
  readonly peripheral: readonly Recalled[];
  readonly bridges: readonly Bridge[];
  readonly nearest: readonly Recalled[];
}

/** What it reads of POST /memory/list. */
export interface MemoryPage {
  readonly memories: readonly StoredMemory[];
  readonly next?: string;
}

/** What it reads of POST /memory/forget. */
export interface Forgotten {
  readonly deleted: boolean;
  readonly count: number;
  readonly memories: readonly { readonly id: string; readonly content: string }[];
}

/** What it reads of GET /memory/status. */
export interface MemoryStatus {
  readonly records: number;
  readonly connections: number;
  readonly byKind: Readonly<Record<MemoryKind, number>>;
  readonly sources: readonly { readonly path: string; readonly type: string; readonly records: number }[];
  readonly bytes?: number;
  readonly store: string;
  readonly model: string;
}

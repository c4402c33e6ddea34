import type { MemoryRecord } from '../memory-record.js';
import type { RankingSettings } from './ranking-settings.js';

/** What an activation is made of. */
export interface ActivationParts {
  /** Cosine with the query. */
  readonly similarity: number;
  readonly access: number;
  readonly importance: number;
  /** What is left after the days without an access: the sum of the three times this. */
  readonly kept: number;
  /** What came along a connection, where that is more than the rest; with whom it began, and how many steps away that is. */
  readonly spread?: { readonly from: string; readonly steps: number; readonly value: number };
}

/** How strongly a memory comes to mind, and why. */
export interface Activation {
  readonly value: number;
  readonly parts: ActivationParts;
}

const DAY_MILLISECONDS = 86_400_000;

/**
 * (similarity + min(perAccess x accesses, mostForAccess) + forImportance x importance) x max(leastKept, 1 - decay x days
 * since the last access, or since the memory was made).
 */
export function activationOf(
  record: MemoryRecord,
  similarity: number,
  now: number,
  settings: RankingSettings,
): Activation {
  const { perAccess, mostForAccess, forImportance, decayPerDay, leastKept } = settings;
  const access = Math.min(perAccess * record.accessCount, mostForAccess);
  const importance = forImportance * record.importance;
  const days = Math.max(0, now - (record.accessedAt ?? record.createdAt)) / DAY_MILLISECONDS;
  const kept = Math.max(leastKept, 1 - decayPerDay * days);
  return { value: (similarity + access + importance) * kept, parts: { similarity, access, importance, kept } };
}

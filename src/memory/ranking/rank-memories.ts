import type { MemoryRecord } from '../memory-record.js';
import type { Activation } from './activation.js';
import type { RankingSettings } from './ranking-settings.js';

/** A memory that was recalled, with what its score is made of. */
export interface RecalledMemory extends Activation {
  readonly record: MemoryRecord;
}

/** A memory that is far from the query, and near to what the query brought to mind. */
export interface BridgeMemory {
  readonly record: MemoryRecord;
  readonly value: number;
  readonly parts: {
    /** 1 - its cosine with the query. */
    readonly novelty: number;
    /** Its best link to an activated memory, and to which: a connection's weight, or their cosine. */
    readonly link: number;
    readonly to: string;
  };
}

/** A memory that was not activated, with its best link to one that was. */
export interface BridgeCandidate {
  readonly record: MemoryRecord;
  /** Cosine with the query. */
  readonly similarity: number;
  readonly link: number;
  readonly to: string;
}

/** Splits memories into core, periphery and those that are quiet, the most activated first, equal ones by id. */
export function groupByActivation(
  memories: readonly RecalledMemory[],
  settings: Pick<RankingSettings, 'core' | 'peripheral'>,
): {
  readonly core: readonly RecalledMemory[];
  readonly peripheral: readonly RecalledMemory[];
  readonly quiet: readonly RecalledMemory[];
} {
  const sorted = memories.toSorted((a, b) => b.value - a.value || (a.record.id < b.record.id ? -1 : 1));
  return {
    core: sorted.filter(({ value }) => value >= settings.core),
    peripheral: sorted.filter(({ value }) => value >= settings.peripheral && value < settings.core),
    quiet: sorted.filter(({ value }) => value < settings.peripheral),
  };
}

/** novelty x (1 - similarity) + link x best link, for those that are linked at all; the best first, equal ones by id. */
export function rankBridges(
  candidates: readonly BridgeCandidate[],
  settings: Pick<RankingSettings, 'novelty' | 'link' | 'leastLink' | 'leastBridge'>,
): readonly BridgeMemory[] {
  return candidates
    .filter(({ link }) => link >= settings.leastLink)
    .map(({ record, similarity, link, to }): BridgeMemory => {
      const novelty = Math.min(1, Math.max(0, 1 - similarity));
      return { record, value: settings.novelty * novelty + settings.link * link, parts: { novelty, link, to } };
    })
    .filter(({ value }) => value >= settings.leastBridge)
    .sort((a, b) => b.value - a.value || (a.record.id < b.record.id ? -1 : 1));
}

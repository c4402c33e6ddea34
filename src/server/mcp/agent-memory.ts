import type { MemoryFilter } from '../../memory/memory-filter.js';
import type { ForgetReport, MemoryInput, RecallOptions, RecallResult } from '../../memory/memory-input.js';
import type { MemoryRecord } from '../../memory/memory-record.js';
import type { StoreStatus } from '../../memory/stores/store.js';
import type { Provider } from '../../providers/provider.js';

/** What agents do with a memory; `Memory` is one. */
export interface AgentMemory {
  remember(inputs: readonly MemoryInput[], options: { readonly signal: AbortSignal }): Promise<readonly MemoryRecord[]>;
  recall(query: string, options: RecallOptions): Promise<RecallResult>;
  get(ids: readonly string[]): Promise<readonly (MemoryRecord | undefined)[]>;
  forget(
    filter: Pick<MemoryFilter, 'ids' | 'anyTags' | 'allTags'>,
    options: { readonly dryRun: boolean },
  ): Promise<ForgetReport>;
  status(): Promise<StoreStatus>;
}

/** What agents do with a model. */
export type AgentEmbedder = Pick<Provider, 'space' | 'dimensions' | 'encodeBatch' | 'similarity'>;

/** What an MCP server serves. Neither is closed by it. */
export interface AgentService {
  readonly memory: AgentMemory;
  readonly embedder: AgentEmbedder;
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from '../client.js';
import type { MemoryKind, MemoryStatus, RecallAnswer, StoredMemory } from '../server/memory-answers.js';
import type { NewMemory } from '../server/server-client.js';

/** Which memories are looked through. */
export interface BrowseFilter {
  readonly tags: readonly string[];
  readonly kind: MemoryKind | undefined;
}

/** Memories that are looked through, page after page. */
export interface Browsed {
  readonly filter: BrowseFilter;
  readonly memories: readonly StoredMemory[];
  /** Where the next page begins; undefined if there is none. */
  readonly next: string | undefined;
}

/** What a query brought to mind. */
export interface RecalledQuery extends RecallAnswer {
  readonly query: string;
}

/** What the tab of the memory shows, and what it can be told to do. While one thing is done, nothing else is begun. */
export interface MemoryState {
  readonly status: MemoryStatus | undefined;
  readonly recalled: RecalledQuery | undefined;
  readonly browsed: Browsed | undefined;
  readonly busy: 'no' | 'remember' | 'recall' | 'browse' | 'forget';
  /** What was changed last, in words. */
  readonly said: string;
  /** Whether it was done. */
  readonly remember: (memory: NewMemory) => Promise<boolean>;
  readonly recall: (query: string) => void;
  readonly browse: (filter: BrowseFilter) => void;
  readonly more: () => void;
  readonly forget: (memory: StoredMemory) => Promise<boolean>;
}

/** Memories of a page. */
const PAGE = 20;
const EVERYTHING: BrowseFilter = { tags: [], kind: undefined };

/** The state of the tab; `report` hears of failures, and of `undefined` when something new begins. */
export function useMemory(report: (error: unknown) => void): MemoryState {
  const [status, setStatus] = useState<MemoryStatus>();
  const [recalled, setRecalled] = useState<RecalledQuery>();
  const [browsed, setBrowsed] = useState<Browsed>();
  const [busy, setBusy] = useState<MemoryState['busy']>('no');
  const [said, setSaid] = useState('');
  const running = useRef(false);
  const gone = useRef(new AbortController());
  const { signal } = gone.current;

  const work = async (kind: MemoryState['busy'], task: () => Promise<void>): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setBusy(kind);
    report(undefined);
    try {
      await task();
      return true;
    } catch (error) {
      if (!signal.aborted) report(error);
      return false;
    } finally {
      running.current = false;
      setBusy('no');
    }
  };
  const load = async (filter: BrowseFilter, before: readonly StoredMemory[] = [], after?: string): Promise<void> => {
    const page = await client.memories(
      {
        limit: PAGE,
        ...(filter.tags.length === 0 ? {} : { tags: filter.tags }),
        ...(filter.kind === undefined ? {} : { kinds: [filter.kind] }),
        ...(after === undefined ? {} : { after }),
      },
      signal,
    );
    setBrowsed({ filter, memories: [...before, ...page.memories], next: page.next });
  };
  const reload = async (): Promise<void> => {
    setStatus(await client.memoryStatus(signal));
    await load(browsed?.filter ?? EVERYTHING);
  };

  useEffect(() => {
    void work('browse', reload);
    return () => gone.current.abort();
  }, []);

  return {
    status,
    recalled,
    browsed,
    busy,
    said,
    remember: (memory) =>
      work('remember', async () => {
        setSaid('');
        await client.remember(memory, signal);
        setSaid('Remembered.');
        await reload();
      }),
    recall: (query) =>
      void work('recall', async () => {
        setRecalled({ query, ...(await client.recall(query, signal)) });
      }),
    browse: (filter) => void work('browse', () => load(filter)),
    more: () => void work('browse', () => load(browsed?.filter ?? EVERYTHING, browsed?.memories, browsed?.next)),
    forget: ({ id }) =>
      work('forget', async () => {
        setSaid('');
        const { count } = await client.forget(id, true, signal);
        setSaid(count === 1 ? 'Forgotten.' : 'It was forgotten already.');
        setRecalled((before) => (before === undefined ? undefined : without(before, id)));
        await reload();
      }),
  };
}

/** What was recalled, without a memory that is no more. */
function without(recalled: RecalledQuery, id: string): RecalledQuery {
  const others = <T extends { readonly memory: StoredMemory }>(list: readonly T[]): readonly T[] =>
    list.filter(({ memory }) => memory.id !== id);
  return {
    query: recalled.query,
    core: others(recalled.core),
    peripheral: others(recalled.peripheral),
    bridges: others(recalled.bridges),
    nearest: others(recalled.nearest),
  };
}

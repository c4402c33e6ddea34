import { useEffect, useRef, useState } from 'preact/hooks';
import { BASE, client } from './client.js';
import { EXAMPLE_QUERY, EXAMPLE_TEXTS } from './examples.js';
import type { ServerInfo } from './server/answers.js';
import { embedAll, type EmbeddedTexts } from './server/embed-all.js';
import { ServerError } from './server/server-error.js';
import { storedKey, storeKey } from './stored-key.js';

/** A query and its vector, of the model whose information is `info`. */
export interface EmbeddedQuery {
  readonly info: ServerInfo;
  readonly text: string;
  readonly vector: Float32Array;
}

/** What the page shows, and what it can be told to do. */
export interface Playground {
  /** Address of the server, without a slash at its end. */
  readonly url: string;
  readonly models: readonly string[];
  readonly info: ServerInfo | undefined;
  readonly embedded: EmbeddedTexts | undefined;
  readonly query: EmbeddedQuery | undefined;
  /** What the server is asked for at the moment. */
  readonly busy: 'no' | 'starting' | 'texts' | 'query';
  /** Texts that are done, while texts are embedded. */
  readonly done: number;
  readonly failure: string | undefined;
  /** Why a key is wanted; undefined if none is. */
  readonly locked: string | undefined;
  /** Whether a key goes with requests. */
  readonly keyed: boolean;
  readonly embed: (texts: readonly string[]) => void;
  readonly search: (query: string) => void;
  readonly choose: (model: string) => void;
  readonly unlock: (key: string) => void;
  /** Shows why something failed, or asks for a key; undefined takes back what was shown. */
  readonly report: (error: unknown) => void;
}

/** The state of the page. A new request of any kind breaks off the one before. */
export function usePlayground(): Playground {
  const [models, setModels] = useState<readonly string[]>([]);
  const [info, setInfo] = useState<ServerInfo>();
  const [embedded, setEmbedded] = useState<EmbeddedTexts>();
  const [query, setQuery] = useState<EmbeddedQuery>();
  const [busy, setBusy] = useState<Playground['busy']>('starting');
  const [done, setDone] = useState(0);
  const [failure, setFailure] = useState<string>();
  const [locked, setLocked] = useState<string>();
  const current = useRef<AbortController | undefined>(undefined);
  /** What was asked for last, so that a key or another model brings it. */
  const wanted = useRef({ texts: EXAMPLE_TEXTS, query: EXAMPLE_QUERY });

  const report = (error: unknown): void => {
    if (error instanceof ServerError && error.status === 401) {
      setLocked(storedKey() === undefined ? 'This server wants an API key.' : error.message);
      storeKey(undefined);
    } else setFailure(error === undefined ? undefined : messageOf(error));
  };
  const work = async (kind: Playground['busy'], task: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    current.current?.abort();
    const mine = new AbortController();
    current.current = mine;
    setBusy(kind);
    setDone(0);
    setFailure(undefined);
    try {
      await task(mine.signal);
    } catch (error) {
      if (mine.signal.aborted) return;
      report(error);
    }
    if (current.current === mine) setBusy('no');
  };

  const embedTexts = async (of: ServerInfo, texts: readonly string[], signal: AbortSignal): Promise<void> => {
    setEmbedded(
      await embedAll(client, of, texts, 'document', signal, (count) => {
        if (!signal.aborted) setDone(count);
      }),
    );
  };
  const embedQuery = async (of: ServerInfo, text: string, signal: AbortSignal): Promise<void> => {
    const { vectors } = await embedAll(client, of, [text], 'query', signal);
    const [vector] = vectors;
    if (vector !== undefined) setQuery({ info: of, text, vector });
  };
  const start = (model: string | undefined): Promise<void> =>
    work('starting', async (signal) => {
      const list = await client.models(signal);
      const ids = list.data.map(({ id }) => id);
      const chosen = await client.info(model ?? ids[0] ?? '', signal);
      setModels(ids);
      setInfo(chosen);
      setBusy('texts');
      await embedTexts(chosen, wanted.current.texts, signal);
      await embedQuery(chosen, wanted.current.query, signal);
    });

  useEffect(() => {
    void start(undefined);
    return () => current.current?.abort();
  }, []);

  return {
    url: BASE.replace(/\/$/, ''),
    models,
    info,
    embedded,
    query: query?.info === embedded?.info ? query : undefined,
    busy,
    done,
    failure,
    locked,
    keyed: storedKey() !== undefined,
    embed: (texts) => {
      wanted.current.texts = texts;
      if (info === undefined) void start(undefined);
      else void work('texts', (signal) => embedTexts(info, texts, signal));
    },
    search: (text) => {
      wanted.current.query = text;
      if (info !== undefined) void work('query', (signal) => embedQuery(info, text, signal));
    },
    choose: (model) => void start(model),
    unlock: (key) => {
      storeKey(key);
      setLocked(undefined);
      void start(info?.model_id);
    },
    report,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

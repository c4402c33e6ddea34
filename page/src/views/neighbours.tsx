import type { JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { similarityMatrix } from '../../../src/vector/similarity.js';
import { topK } from '../../../src/vector/top-k.js';
import { EXAMPLE_QUERY } from '../examples.js';
import type { EmbeddedTexts } from '../server/embed-all.js';
import type { Playground } from '../use-playground.js';
import { formatScore } from './numbers.js';

interface Properties extends Pick<Playground, 'query' | 'busy' | 'search'> {
  readonly embedded: EmbeddedTexts;
}

/** Texts that are shown: those further down are rarely what was looked for. */
const MOST_NEIGHBOURS = 10;

/** The texts that are nearest to a query. */
export function Neighbours({ embedded, query, busy, search }: Properties): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const found = useMemo(() => {
    if (query === undefined) return [];
    const { data } = similarityMatrix([query.vector], embedded.vectors, embedded.info.similarity);
    return topK(data, MOST_NEIGHBOURS);
  }, [embedded, query]);
  const best = found[0]?.score ?? 0;
  const worst = Math.min(0, found.at(-1)?.score ?? 0);
  return (
    <section class="panel" aria-labelledby="query-title">
      <h2 id="query-title">Nearest neighbours</h2>
      <form
        class="row"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          const text = field.current?.value ?? '';
          if (text.trim() !== '') search(text);
        }}
      >
        <label for="query" class="sr-only">
          Query
        </label>
        <input
          id="query"
          ref={field}
          type="text"
          defaultValue={query?.text ?? EXAMPLE_QUERY}
          placeholder="A query"
          spellcheck={false}
        />
        <button type="submit" disabled={busy === 'texts' || busy === 'starting'}>
          Find
        </button>
      </form>
      <p class="sr-only" role="status">
        {busy === 'query' ? 'Searching' : query === undefined ? '' : `Nearest to: ${query.text}`}
      </p>
      <ol class="neighbours">
        {found.map(({ index, score }) => (
          <li key={index}>
            <span class="text" title={embedded.texts[index]}>
              {embedded.texts[index]}
            </span>
            <span class="track" aria-hidden="true">
              <span style={{ width: `${((score - worst) / Math.max(best - worst, Number.EPSILON)) * 100}%` }} />
            </span>
            <span class="score">{formatScore(score)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

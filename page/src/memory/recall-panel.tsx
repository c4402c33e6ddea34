import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { counted } from '../views/numbers.js';
import { RecallGroup } from './recall-group.js';
import { activationWords, bridgeWords } from './score-words.js';
import type { MemoryState, RecalledQuery } from './use-memory.js';

/** A query, and what it brings to mind. */
export function RecallPanel({
  recalled,
  busy,
  recall,
}: Pick<MemoryState, 'recalled' | 'busy' | 'recall'>): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  return (
    <section class="panel" aria-labelledby="recall-title">
      <h2 id="recall-title">Recall</h2>
      <form
        class="row"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          const query = field.current?.value ?? '';
          if (query.trim() !== '') recall(query);
        }}
      >
        <label for="recall" class="sr-only">
          What to think of
        </label>
        <input
          id="recall"
          ref={field}
          type="text"
          maxLength={10_000}
          placeholder="A question or topic"
          spellcheck={false}
        />
        <button type="submit" class="primary">
          Recall
        </button>
      </form>
      <p class="note" role="status">
        {busy === 'recall' ? 'Recalling …' : recalled === undefined ? 'Nothing was asked yet.' : summaryOf(recalled)}
      </p>
      {recalled !== undefined && <Groups recalled={recalled} />}
    </section>
  );
}

function Groups({ recalled }: { readonly recalled: RecalledQuery }): JSX.Element {
  const { core, peripheral, bridges, nearest } = recalled;
  const all = [...core, ...peripheral, ...nearest, ...bridges];
  const numbers = new Map(all.map(({ memory }, at) => [memory.id, at + 1]));
  const numberOf = (id: string): number => numbers.get(id) ?? 0;
  const nameOf = (id: string): string => (numbers.has(id) ? `#${numberOf(id)}` : 'one that is not shown');
  const groups = [
    ['Core: what answers', core.map((one) => ({ ...one, words: activationWords(one.parts, nameOf) }))],
    ['Peripheral: what is near', peripheral.map((one) => ({ ...one, words: activationWords(one.parts, nameOf) }))],
    [
      'Nearest, though below what counts as recalled',
      nearest.map((one) => ({ ...one, words: activationWords(one.parts, nameOf) })),
    ],
    [
      'Bridges: far from the query, near to what it found',
      bridges.map((one) => ({ ...one, words: bridgeWords(one.parts, nameOf) })),
    ],
  ] as const;
  const best = Math.max(...all.map(({ score }) => score), Number.EPSILON);
  return (
    <>
      {groups.map(
        ([title, entries]) =>
          entries.length > 0 && (
            <RecallGroup key={title} title={title} entries={entries} numberOf={numberOf} best={best} />
          ),
      )}
    </>
  );
}

function summaryOf({ query, core, peripheral, bridges, nearest }: RecalledQuery): string {
  const found = core.length + peripheral.length;
  if (found > 0) {
    const more = bridges.length === 0 ? '' : `, and ${counted(bridges.length, 'bridge')}`;
    return `${counted(found, 'memory', 'memories')}${more}: ${query}`;
  }
  return nearest.length === 0 ? `Nothing is remembered yet: ${query}` : `Nothing comes to mind: ${query}`;
}

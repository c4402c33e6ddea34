import type { JSX } from 'preact';
import type { StoredMemory } from '../server/memory-answers.js';
import { formatScore } from '../views/numbers.js';
import { LongText } from './long-text.js';
import { MemoryFacts } from './memory-facts.js';

interface Properties {
  readonly title: string;
  readonly entries: readonly { readonly memory: StoredMemory; readonly score: number; readonly words: string }[];
  readonly numberOf: (id: string) => number;
  /** The best score of all groups, which fills its bar. */
  readonly best: number;
}

/** A group of recalled memories, each with its score and what that is made of. */
export function RecallGroup({ title, entries, numberOf, best }: Properties): JSX.Element {
  return (
    <section class="group">
      <h3>{title}</h3>
      <ul class="memories">
        {entries.map(({ memory, score, words }) => (
          <li key={memory.id}>
            <span class="number">#{numberOf(memory.id)}</span>
            <div>
              <LongText text={memory.content} />
              <p class="note">{words}</p>
              <MemoryFacts memory={memory} />
            </div>
            <span class="track" aria-hidden="true">
              <span style={{ width: `${Math.min(1, Math.max(0, score / best)) * 100}%` }} />
            </span>
            <span class="score">
              <span class="sr-only">Score </span>
              {formatScore(score)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

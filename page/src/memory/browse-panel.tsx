import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { MemoryKind, StoredMemory } from '../server/memory-answers.js';
import { counted } from '../views/numbers.js';
import { ForgetDialog } from './forget-dialog.js';
import { KindSelect } from './kind-select.js';
import { LongText } from './long-text.js';
import { MemoryFacts } from './memory-facts.js';
import { tagsOf } from './tags-of.js';
import type { MemoryState } from './use-memory.js';

interface Properties extends Pick<MemoryState, 'browsed' | 'busy' | 'browse' | 'more' | 'forget'> {
  readonly report: (error: unknown) => void;
}

/** The memories in the order of their ids, page by page; each may be forgotten. */
export function BrowsePanel({ browsed, busy, browse, more, forget, report }: Properties): JSX.Element {
  const tags = useRef<HTMLInputElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [kind, setKind] = useState<MemoryKind>();
  const [doomed, setDoomed] = useState<StoredMemory>();
  const count = browsed?.memories.length ?? 0;
  return (
    <section class="panel" aria-labelledby="browse-title" aria-busy={busy === 'browse' || busy === 'forget'}>
      <h2 id="browse-title" ref={title} tabIndex={-1}>
        Browse
      </h2>
      <form
        class="row filters"
        onSubmit={(event) => {
          event.preventDefault();
          browse({ tags: tagsOf(tags.current?.value ?? ''), kind });
        }}
      >
        <label for="browse-tags" class="sr-only">
          With one of these tags
        </label>
        <input id="browse-tags" ref={tags} type="text" placeholder="Any tags" spellcheck={false} />
        <label for="browse-kind" class="sr-only">
          Of this kind
        </label>
        <KindSelect id="browse-kind" kind={kind} choose={setKind} both="Both kinds" />
        <button type="submit">Show</button>
      </form>
      <p class="note" role="status">
        {browsed === undefined
          ? 'Reading …'
          : count === 0
            ? 'No memory meets these conditions.'
            : `${counted(count, 'memory', 'memories')}${browsed.next === undefined ? '' : ', and more'}`}
      </p>
      <ul class="memories plain">
        {browsed?.memories.map((memory) => (
          <li key={memory.id}>
            <div>
              <LongText text={memory.content} />
              <MemoryFacts memory={memory} />
            </div>
            <button type="button" onClick={() => setDoomed(memory)}>
              Forget<span class="sr-only"> {memory.content.slice(0, 60)}</span>
            </button>
          </li>
        ))}
      </ul>
      {browsed?.next !== undefined && (
        <div class="row">
          <button type="button" onClick={more}>
            More
          </button>
        </div>
      )}
      {doomed !== undefined && (
        <ForgetDialog
          memory={doomed}
          report={report}
          keep={() => setDoomed(undefined)}
          forget={() => {
            setDoomed(undefined);
            // The button that led here goes with its memory.
            void forget(doomed).then((done) => {
              if (done) title.current?.focus();
            });
          }}
        />
      )}
    </section>
  );
}

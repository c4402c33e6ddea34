import type { JSX } from 'preact';
import { MAX_TEXTS, textsOf } from '../texts-of.js';
import type { Playground } from '../use-playground.js';
import { counted } from './numbers.js';

interface Properties extends Pick<Playground, 'busy' | 'done' | 'embed'> {
  readonly field: string;
  readonly setField: (field: string) => void;
}

/** Where texts are typed or pasted. */
export function TextField({ field, setField, busy, done, embed }: Properties): JSX.Element {
  const { texts, found } = textsOf(field);
  const send = (): void => {
    if (texts.length > 0) embed(texts);
  };
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <h2>
        <label for="texts">Texts</label>
      </h2>
      <textarea
        id="texts"
        value={field}
        rows={10}
        spellcheck={false}
        aria-describedby="texts-note"
        onInput={(event) => setField(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="row">
        <button type="submit" class="primary" disabled={texts.length === 0}>
          Embed
        </button>
        <p class="note" id="texts-note" role="status">
          {noteOf(busy, done, texts.length, found)}
        </p>
      </div>
    </form>
  );
}

function noteOf(busy: Properties['busy'], done: number, taken: number, found: number): string {
  if (busy === 'texts') return done === 0 ? 'Embedding …' : `${counted(done, 'text')} done …`;
  if (found > taken) return `The first ${counted(MAX_TEXTS, 'line')} of ${found.toLocaleString('en')}`;
  return `${counted(taken, 'text')}, a line each`;
}

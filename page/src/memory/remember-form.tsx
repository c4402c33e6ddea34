import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { KindSelect } from './kind-select.js';
import { tagsOf } from './tags-of.js';
import type { MemoryState } from './use-memory.js';

/** Where a text is written that is to be remembered. */
export function RememberForm({ busy, said, remember }: Pick<MemoryState, 'busy' | 'said' | 'remember'>): JSX.Element {
  const [content, setContent] = useState('');
  const [kind, setKind] = useState<'episodic' | 'semantic'>('episodic');
  const tags = useRef<HTMLInputElement>(null);
  const send = async (): Promise<void> => {
    if (content.trim() === '') return;
    if (await remember({ content, kind, tags: tagsOf(tags.current?.value ?? '') })) setContent('');
  };
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <h2>
        <label for="content">Remember</label>
      </h2>
      <textarea
        id="content"
        value={content}
        rows={4}
        maxLength={100_000}
        placeholder="A text that will be understood on its own"
        onInput={(event) => setContent(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          void send();
        }}
      />
      <label for="tags">Tags</label>
      <input id="tags" ref={tags} type="text" placeholder="deploy, gateway" spellcheck={false} />
      <label for="kind">Kind</label>
      <KindSelect id="kind" kind={kind} choose={(chosen) => setKind(chosen ?? 'episodic')} />
      <div class="row">
        <button type="submit" class="primary" disabled={content.trim() === ''}>
          Remember
        </button>
        <p class="note" role="status">
          {busy === 'remember' ? 'Remembering …' : said}
        </p>
      </div>
    </form>
  );
}

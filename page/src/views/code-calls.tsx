import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { type Call, callSnippets } from '../calls/call-snippets.js';
import { copyText } from './copy-text.js';

interface Properties {
  readonly call: Call;
  /** Texts that were embedded; the call may hold fewer. */
  readonly of: number;
}

/** The request as others would make it. */
export function CodeCalls({ call, of }: Properties): JSX.Element {
  const snippets = useMemo(() => callSnippets(call), [call]);
  const [chosen, setChosen] = useState(0);
  const [copied, setCopied] = useState<string>();
  const tabs = useRef<HTMLDivElement>(null);
  const code = useRef<HTMLElement>(null);
  const snippet = snippets[chosen];
  const choose = (index: number): void => {
    setChosen(index);
    setCopied(undefined);
  };
  const copy = async (): Promise<void> => {
    setCopied((await copyText(snippet?.code ?? '', code.current)) ? 'Copied' : 'Press Ctrl+C to copy');
  };
  return (
    <section class="panel" aria-labelledby="code-title">
      <h2 id="code-title">The same in code</h2>
      <div class="row tabbed">
        <div
          ref={tabs}
          role="tablist"
          aria-labelledby="code-title"
          onKeyDown={(event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            const next = (chosen + step + snippets.length) % snippets.length;
            choose(next);
            tabs.current?.querySelectorAll('button')[next]?.focus();
          }}
        >
          {snippets.map(({ name }, index) => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`tab-${index}`}
              aria-selected={index === chosen}
              aria-controls="code-panel"
              tabIndex={index === chosen ? 0 : -1}
              onClick={() => choose(index)}
            >
              {name}
            </button>
          ))}
        </div>
        <button type="button" onClick={() => void copy()}>
          Copy<span class="sr-only"> {snippet?.name}</span>
        </button>
        <span class="note" role="status">
          {copied}
        </span>
      </div>
      <div id="code-panel" role="tabpanel" aria-labelledby={`tab-${chosen}`}>
        <pre tabIndex={0} aria-label={snippet?.name} role="region">
          <code ref={code}>{snippet?.code}</code>
        </pre>
      </div>
      {of > call.texts.length && (
        <p class="note">
          The first {call.texts.length} of {of} texts are written out.
        </p>
      )}
    </section>
  );
}

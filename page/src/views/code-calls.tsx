import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { type Call, callSnippets } from '../calls/call-snippets.js';
import { copyText } from './copy-text.js';
import { TabList } from './tab-list.js';

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
        <TabList
          names={snippets.map(({ name }) => name)}
          chosen={chosen}
          choose={choose}
          prefix="tab"
          panelOf={() => 'code-panel'}
          label="The same in code"
        />
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

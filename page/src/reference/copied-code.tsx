import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { copyText } from '../views/copy-text.js';

interface Properties {
  readonly code: string;
  readonly label: string;
}

/** Code with a button that copies it. */
export function CopiedCode({ code, label }: Properties): JSX.Element {
  const [copied, setCopied] = useState<string>();
  const shown = useRef<HTMLElement>(null);
  const copy = async (): Promise<void> => {
    setCopied((await copyText(code, shown.current)) ? 'Copied' : 'Press Ctrl+C to copy');
  };
  return (
    <div class="call">
      <pre tabIndex={0} aria-label={label} role="region">
        <code ref={shown}>{code}</code>
      </pre>
      <div class="row">
        <button type="button" onClick={() => void copy()}>
          Copy<span class="sr-only"> {label}</span>
        </button>
        <span class="note" role="status">
          {copied}
        </span>
      </div>
    </div>
  );
}

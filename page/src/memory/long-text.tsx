import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

/** Characters that are shown of a text that is not opened. */
const BEGINNING = 280;

/** A text, of which at first only the beginning is shown if it is long. */
export function LongText({ text }: { readonly text: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  const long = text.length > BEGINNING;
  return (
    <p class="content">
      {long && !open ? `${text.slice(0, BEGINNING).replace(/[\uD800-\uDBFF]$/, '')} … ` : text}
      {long && (
        <button type="button" class="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Less' : 'All of it'}
        </button>
      )}
    </p>
  );
}

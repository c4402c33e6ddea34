import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Properties {
  /** What the server said. */
  readonly reason: string;
  readonly unlock: (key: string) => void;
}

/** Asks for a key of the server. */
export function KeyForm({ reason, unlock }: Properties): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
  }, [reason]);
  return (
    <form
      class="panel key"
      onSubmit={(event) => {
        event.preventDefault();
        const key = field.current?.value.trim() ?? '';
        if (key !== '') unlock(key);
      }}
    >
      <h2>API key</h2>
      <p id="key-reason">{reason}</p>
      <label for="key">Key</label>
      <input
        id="key"
        ref={field}
        type="password"
        autocomplete="off"
        spellcheck={false}
        required
        aria-describedby="key-reason key-note"
      />
      <p class="note" id="key-note">
        It stays in this tab and goes to this server alone.
      </p>
      <button type="submit" class="primary">
        Use this key
      </button>
    </form>
  );
}

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from '../client.js';
import type { Forgotten, StoredMemory } from '../server/memory-answers.js';

interface Properties {
  readonly memory: StoredMemory;
  readonly forget: () => void;
  readonly keep: () => void;
  readonly report: (error: unknown) => void;
}

const CONFIRMED = 'confirmed';

/** Asks whether a memory is to be forgotten, after the server has said what that would take away. */
export function ForgetDialog({ memory, forget, keep, report }: Properties): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [would, setWould] = useState<Forgotten>();
  useEffect(() => {
    const gone = new AbortController();
    dialog.current?.showModal();
    client
      .forget(memory.id, false, gone.signal)
      .then(setWould)
      .catch((error: unknown) => {
        if (gone.signal.aborted) return;
        report(error);
        dialog.current?.close();
      });
    return () => gone.abort();
  }, [memory.id]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="forget-title"
      aria-describedby="forget-text"
      // However it is closed, the browser has given the focus back to the button that led here.
      onClose={({ currentTarget }) => (currentTarget.returnValue === CONFIRMED ? forget() : keep())}
    >
      <h2 id="forget-title">Forget this memory?</h2>
      <p id="forget-text" class="content">
        {would?.memories[0]?.content ?? '…'}
      </p>
      <p class="note">It goes for good, with its vector and its links.</p>
      <div class="row">
        <button
          type="button"
          class="danger"
          disabled={would === undefined}
          onClick={() => dialog.current?.close(CONFIRMED)}
        >
          Forget it
        </button>
        <button type="button" autofocus onClick={() => dialog.current?.close()}>
          Keep it
        </button>
      </div>
    </dialog>
  );
}

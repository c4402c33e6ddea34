import type { JSX } from 'preact';
import { BrowsePanel } from './browse-panel.js';
import { RecallPanel } from './recall-panel.js';
import { RememberForm } from './remember-form.js';
import { StatusPanel } from './status-panel.js';
import { useMemory } from './use-memory.js';

/** The memory of the server: what is remembered, and what a query brings to mind. */
export function MemoryTab({ report }: { readonly report: (error: unknown) => void }): JSX.Element {
  const { status, recalled, browsed, busy, said, remember, recall, browse, more, forget } = useMemory(report);
  return (
    <div class="columns memory" aria-busy={busy !== 'no'}>
      <div class="side">
        <RememberForm busy={busy} said={said} remember={remember} />
        {status !== undefined && <StatusPanel status={status} />}
      </div>
      <div class="stack">
        <RecallPanel recalled={recalled} busy={busy} recall={recall} />
        <BrowsePanel browsed={browsed} busy={busy} browse={browse} more={more} forget={forget} report={report} />
      </div>
    </div>
  );
}

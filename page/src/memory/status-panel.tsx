import type { JSX } from 'preact';
import type { MemoryStatus } from '../server/memory-answers.js';
import { counted, formatBytes } from '../views/numbers.js';

/** What the memory holds. */
export function StatusPanel({ status }: { readonly status: MemoryStatus }): JSX.Element {
  const { records, connections, byKind, sources, bytes, store, model } = status;
  const rows = [
    ['Memories', records],
    ['Episodic', byKind.episodic],
    ['Semantic', byKind.semantic],
    ['Links', connections],
  ] as const;
  return (
    <section class="panel" aria-labelledby="status-title">
      <h2 id="status-title">What is remembered</h2>
      <dl class="timings">
        {rows.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      <p class="note">
        Vectors by {model}, in a store of kind {store}
        {bytes !== undefined && `, ${formatBytes(bytes)}`}.
      </p>
      {sources.length > 0 && (
        <ul class="sources note">
          {sources.map(({ path, type, records: count }) => (
            <li key={path}>
              {path} ({type}): {counted(count, 'memory', 'memories')}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

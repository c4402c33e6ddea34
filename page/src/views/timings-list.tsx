import type { JSX } from 'preact';
import type { EmbeddedTexts } from '../server/embed-all.js';
import { counted, formatMilliseconds } from './numbers.js';

/** Where the server's time went. */
export function TimingsList({ embedded }: { readonly embedded: EmbeddedTexts }): JSX.Element {
  const { timings, requests } = embedded;
  const rows = [
    ['Tokenize', timings.tokenize_ms],
    ['Queue', timings.queue_ms],
    ['Inference', timings.inference_ms],
    ['Total', timings.total_ms],
  ] as const;
  return (
    <section class="panel" aria-labelledby="timings-title">
      <h2 id="timings-title">Time at the server</h2>
      <dl class="timings">
        {rows.map(([name, milliseconds]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatMilliseconds(milliseconds)}</dd>
          </div>
        ))}
      </dl>
      <p class="note">
        Queue and inference are means over the texts
        {requests > 1 ? `; the others are sums over ${counted(requests, 'request')}.` : '.'}
      </p>
    </section>
  );
}

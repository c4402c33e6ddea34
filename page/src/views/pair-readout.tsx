import type { JSX } from 'preact';
import { shortened } from '../map/place-labels.js';

interface Properties {
  readonly texts: readonly string[];
  readonly scores: Float32Array;
  /** Place in the table of scores. */
  readonly index: number | undefined;
  /** Whether it is read out; a table's cells say it themselves. */
  readonly live: 'off' | 'polite';
}

/** The two texts and the score of a place in the heat map. */
export function PairReadout({ texts, scores, index, live }: Properties): JSX.Element {
  const score = index === undefined ? undefined : scores[index];
  const row = Math.floor((index ?? 0) / Math.max(1, texts.length));
  const column = (index ?? 0) % Math.max(1, texts.length);
  return (
    <p class="readout heat-pair" aria-live={live}>
      {score === undefined ? (
        <span class="note">Point at a value to see its texts.</span>
      ) : (
        <>
          <strong>{score.toFixed(4)}</strong> {row + 1}: {shortened(texts[row] ?? '', 60)} · {column + 1}:{' '}
          {shortened(texts[column] ?? '', 60)}
        </>
      )}
    </p>
  );
}

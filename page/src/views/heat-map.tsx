import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { similarityMatrix } from '../../../src/vector/similarity.js';
import { heatScale, LEVELS } from '../heat/heat-scale.js';
import type { EmbeddedTexts } from '../server/embed-all.js';
import { HeatCanvas } from './heat-canvas.js';
import { HeatTable } from './heat-table.js';
import { formatScore } from './numbers.js';

/** Up to so many texts there is a table with every value; more are drawn. */
const MOST_IN_TABLE = 30;
/** Most texts that are drawn: a pixel must still be something that one can point at. */
const MOST_DRAWN = 500;

/** The similarity of every text with every other. */
export function HeatMap({ embedded }: { readonly embedded: EmbeddedTexts }): JSX.Element {
  const { info, vectors } = embedded;
  const texts = useMemo(() => embedded.texts.slice(0, MOST_DRAWN), [embedded]);
  const { data, scale } = useMemo(() => {
    const drawn = vectors.slice(0, MOST_DRAWN);
    const matrix = similarityMatrix(drawn, drawn, info.similarity);
    return { data: matrix.data, scale: heatScale(matrix.data, drawn.length) };
  }, [embedded]);
  const drawn = texts.length > MOST_IN_TABLE;
  return (
    <section class="panel" aria-labelledby="heat-title">
      <div class="titled">
        <h2 id="heat-title">Similarity</h2>
        <p class="legend note">
          <span>{formatScore(scale.lowest)}</span>
          <span class="shades" aria-hidden="true">
            {Array.from({ length: LEVELS }, (_, level) => (
              <i key={level} class={`level-${level}`} />
            ))}
          </span>
          <span>{formatScore(scale.highest)}</span>
        </p>
      </div>
      {drawn ? (
        <HeatCanvas texts={texts} scores={data} scale={scale} />
      ) : (
        <HeatTable texts={texts} scores={data} scale={scale} similarity={info.similarity} />
      )}
      <p class="note">
        {capitalized(info.similarity)}, the similarity that the model was made for.{' '}
        {drawn
          ? `Beyond ${MOST_IN_TABLE} texts the values are drawn${embedded.texts.length > MOST_DRAWN ? `, those of the first ${MOST_DRAWN} texts` : ''}: point at one, or move with the arrow keys.`
          : 'Arrow keys go from value to value.'}
      </p>
    </section>
  );
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

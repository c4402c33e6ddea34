import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { fitPoints } from '../map/fit-points.js';
import { placeLabels, shortened } from '../map/place-labels.js';
import { principalPlane } from '../map/principal-plane.js';
import type { EmbeddedTexts } from '../server/embed-all.js';
import type { EmbeddedQuery } from '../use-playground.js';

interface Properties {
  readonly embedded: EmbeddedTexts;
  readonly query: EmbeddedQuery | undefined;
}

/** About as wide as the map is on a phone, so that labels are legible there. */
const FIELD = { width: 360, height: 270, margin: 22 };
/** Up to so many texts points carry numbers, and labels where there is room. */
const MOST_NUMBERED = 40;

/** The texts in two dimensions. */
export function TextMap({ embedded, query }: Properties): JSX.Element {
  const { texts, vectors } = embedded;
  const [active, setActive] = useState<number>();
  const [shown, setShown] = useState<number>();
  const plane = useMemo(() => principalPlane(vectors), [vectors]);
  const { points, labels, radius } = useMemo(() => {
    const all = query === undefined ? plane.points : [...plane.points, plane.project(query.vector)];
    const names = query === undefined ? texts : [...texts, `Query: ${query.text}`];
    const size = texts.length <= MOST_NUMBERED ? 8 : 3;
    const fitted = fitPoints(all, FIELD);
    return { points: fitted, radius: size, labels: size > 4 ? placeLabels(fitted, names, FIELD, size) : [] };
  }, [plane, texts, query]);
  const pointed = shown ?? active;
  const nameOf = (index: number): string =>
    index < texts.length ? `${index + 1}: ${texts[index] ?? ''}` : `Query: ${query?.text ?? ''}`;
  return (
    <section class="panel" aria-labelledby="map-title">
      <h2 id="map-title">Map</h2>
      <svg
        class="map"
        viewBox={`0 0 ${FIELD.width} ${FIELD.height}`}
        role="img"
        aria-labelledby="map-title"
        aria-describedby="map-note map-readout"
        tabIndex={0}
        onPointerLeave={() => setShown(undefined)}
        onBlur={() => setActive(undefined)}
        onKeyDown={(event) => {
          const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          setShown(undefined);
          setActive(active === undefined ? 0 : (active + step + points.length) % points.length);
        }}
      >
        {points.map(({ x, y }, index) => {
          const kind = index < texts.length ? 'point' : 'point query';
          return (
            <g
              key={index}
              class={index === pointed ? `${kind} active` : kind}
              onPointerEnter={() => setShown(index)}
              onPointerDown={() => setActive(index)}
            >
              {index < texts.length ? (
                <circle cx={x} cy={y} r={radius} />
              ) : (
                <rect x={x - 7} y={y - 7} width="14" height="14" transform={`rotate(45 ${x} ${y})`} />
              )}
              {radius > 4 && (
                <text x={x} y={y} text-anchor="middle" dominant-baseline="central">
                  {index < texts.length ? index + 1 : '?'}
                </text>
              )}
            </g>
          );
        })}
        {labels.map(({ index, text, x, y, anchor }) => (
          <text key={`label ${index}`} class="label" x={x} y={y} text-anchor={anchor} dominant-baseline="central">
            {text}
          </text>
        ))}
      </svg>
      <p class="readout" id="map-readout" aria-live="polite">
        {pointed === undefined || pointed >= points.length ? (
          <span class="note">Point at a text to read it.</span>
        ) : (
          shortened(nameOf(pointed), 160)
        )}
      </p>
      <p class="note" id="map-note">
        The two directions in which the texts differ most (PCA); they hold {Math.round(plane.share * 100)} % of the
        variance. Arrow keys go from text to text.
      </p>
    </section>
  );
}

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { HeatScale } from '../heat/heat-scale.js';
import { PairReadout } from './pair-readout.js';
import { formatScore } from './numbers.js';

interface Properties {
  readonly texts: readonly string[];
  /** Row-major. */
  readonly scores: Float32Array;
  readonly scale: HeatScale;
  readonly similarity: string;
}

/** Steps of the arrow keys, in rows and columns. */
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** A table of scores with shades; one of its cells can be tabbed to, the others are reached from it. */
export function HeatTable({ texts, scores, scale, similarity }: Properties): JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null);
  const [home, setHome] = useState(1);
  const [shown, setShown] = useState<number>();
  const count = texts.length;
  const focusable = home < count * count ? home : 0;
  const indexOf = (target: EventTarget | null): number | undefined => {
    const index = target instanceof HTMLElement ? target.closest('td')?.dataset['index'] : undefined;
    return index === undefined ? undefined : Number(index);
  };
  return (
    <>
      <div class="scroll wide" tabIndex={-1}>
        <table class="heat">
          <caption class="sr-only">Similarity ({similarity}) of every text with every other</caption>
          <thead>
            <tr>
              <th scope="col">
                <span class="sr-only">Text</span>
              </th>
              {texts.map((text, column) => (
                <th key={column} scope="col" title={text}>
                  {column + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody
            ref={body}
            onPointerOver={(event) => setShown(indexOf(event.target))}
            onPointerLeave={() => setShown(undefined)}
            onFocusIn={(event) => {
              const index = indexOf(event.target);
              if (index !== undefined) setHome(index);
              setShown(index);
            }}
            onKeyDown={(event) => {
              const [down, right] = STEPS[event.key] ?? [0, 0];
              const from = indexOf(event.target);
              if (from === undefined || (down === 0 && right === 0)) return;
              event.preventDefault();
              const row = Math.min(count - 1, Math.max(0, Math.floor(from / count) + down));
              const column = Math.min(count - 1, Math.max(0, (from % count) + right));
              body.current?.querySelector<HTMLElement>(`[data-index="${row * count + column}"]`)?.focus();
            }}
          >
            {texts.map((text, row) => (
              <tr key={row}>
                <th scope="row" title={text}>
                  <span class="number">{row + 1}</span> <span class="text">{text}</span>
                </th>
                {texts.map((_, column) => {
                  const index = row * count + column;
                  const score = scores[index] ?? 0;
                  return (
                    <td
                      key={column}
                      data-index={index}
                      tabIndex={index === focusable ? 0 : -1}
                      class={row === column ? 'self' : `level-${scale.levelOf(score)}`}
                    >
                      {formatScore(score)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <PairReadout texts={texts} scores={scores} index={shown} live="off" />
    </>
  );
}

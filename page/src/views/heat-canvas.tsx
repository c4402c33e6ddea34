import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type HeatScale, LEVELS } from '../heat/heat-scale.js';
import { counted, formatScore } from './numbers.js';
import { PairReadout } from './pair-readout.js';

interface Properties {
  readonly texts: readonly string[];
  /** Row-major. */
  readonly scores: Float32Array;
  readonly scale: HeatScale;
}

/** The heat map as a picture, a pixel a pair; enlarged by the style sheet. */
export function HeatCanvas({ texts, scores, scale }: Properties): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [home, setHome] = useState(1);
  const [shown, setShown] = useState<number>();
  const count = texts.length;
  const marked = home < count * count ? home : 0;

  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const draw = (): void => {
      if (canvas.current !== null) drawScores(canvas.current, count, scores, scale);
    };
    draw();
    dark.addEventListener('change', draw);
    return () => {
      dark.removeEventListener('change', draw);
    };
  }, [scores, scale, count]);

  const at = ({ clientX, clientY }: PointerEvent): number => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return 0;
    const place = (offset: number, size: number): number =>
      Math.min(count - 1, Math.max(0, Math.floor((offset / size) * count)));
    return place(clientY - box.top, box.height) * count + place(clientX - box.left, box.width);
  };
  const row = Math.floor(marked / count);
  const column = marked % count;
  return (
    <>
      <div class="drawn">
        <canvas
          ref={canvas}
          width={count}
          height={count}
          tabIndex={0}
          role="img"
          aria-label={`Similarities of ${counted(count, 'text')}, from ${formatScore(scale.lowest)} to ${formatScore(scale.highest)}; arrow keys read them out`}
          onPointerMove={(event) => setShown(at(event))}
          onPointerDown={(event) => {
            setShown(at(event));
            setHome(at(event));
          }}
          onPointerLeave={() => setShown(undefined)}
          onFocus={() => setShown(undefined)}
          onKeyDown={(event) => {
            const down = { ArrowUp: -1, ArrowDown: 1 }[event.key] ?? 0;
            const right = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
            if (down === 0 && right === 0) return;
            event.preventDefault();
            setShown(undefined);
            const to = (place: number): number => Math.min(count - 1, Math.max(0, place));
            setHome(to(row + down) * count + to(column + right));
          }}
        />
        <span
          class="marker"
          style={{
            left: `${((column + 0.5) / count) * 100}%`,
            top: `${((row + 0.5) / count) * 100}%`,
          }}
        />
      </div>
      <PairReadout texts={texts} scores={scores} index={shown ?? marked} live="polite" />
    </>
  );
}

function drawScores(canvas: HTMLCanvasElement, count: number, scores: Float32Array, scale: HeatScale): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const styles = getComputedStyle(canvas);
  const colours = Array.from({ length: LEVELS }, (_, level) =>
    Number.parseInt(styles.getPropertyValue(`--level-${level}`).trim().slice(1), 16),
  );
  const image = context.createImageData(count, count);
  for (let index = 0; index < count * count; index++) {
    const colour = colours[scale.levelOf(scores[index] ?? 0)] ?? 0;
    image.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 255], index * 4);
  }
  context.putImageData(image, 0, 0);
}

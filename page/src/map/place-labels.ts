import type { Field } from './fit-points.js';
import type { Point } from './principal-plane.js';

/** Where a label begins or ends. */
export interface Label extends Point {
  readonly index: number;
  readonly text: string;
  readonly anchor: 'start' | 'end' | 'middle';
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Width of a character and height of a line, in units of the field: an estimate on the safe side. */
const CHARACTER = 5.9;
const LINE = 13;
/** What is tried one after another. */
const LENGTHS = [30, 20, 14];

/** Labels beside points, as many as do not cover a point or each other; `radius` is that of a point. */
export function placeLabels(
  points: readonly Point[],
  texts: readonly string[],
  field: Field,
  radius: number,
): readonly Label[] {
  const taken: Box[] = points.map(({ x, y }) => around(x, y, radius));
  const labels: Label[] = [];
  points.forEach(({ x, y }, index) => {
    const gap = radius + 4;
    const candidates = LENGTHS.flatMap((most): readonly Label[] => {
      const text = shortened(texts[index] ?? '', most);
      return [
        { index, text, anchor: 'start', x: x + gap, y },
        { index, text, anchor: 'end', x: x - gap, y },
        { index, text, anchor: 'middle', x, y: y - gap - LINE / 2 },
        { index, text, anchor: 'middle', x, y: y + gap + LINE / 2 },
      ];
    });
    const free = candidates.find((label) => {
      const box = boxOf(label);
      const inside = box.left >= 3 && box.right <= field.width - 3 && box.top >= 0 && box.bottom <= field.height;
      return inside && taken.every((other) => !overlap(box, other));
    });
    if (free === undefined) return;
    taken.push(boxOf(free));
    labels.push(free);
  });
  return labels;
}

/** The beginning of a text, with a sign that it goes on. */
export function shortened(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

function boxOf({ text, x, y, anchor }: Label): Box {
  const width = text.length * CHARACTER;
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, right: left + width, top: y - LINE / 2, bottom: y + LINE / 2 };
}

function around(x: number, y: number, radius: number): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

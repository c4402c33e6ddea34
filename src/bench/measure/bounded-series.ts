/**
 * A series of measurements at equal distances, however long it grows, in a fixed number of points: when there are too
 * many, two become one, the larger of them, so that no peak is lost.
 */
export class BoundedSeries {
  readonly #limit: number;
  readonly #points: number[] = [];
  /** Values that make a point. */
  #share = 1;
  #waiting = 0;
  #largest = -Infinity;

  /** Keeps at most `limit` points, an even number. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many of the added values a point stands for. */
  get valuesPerPoint(): number {
    return this.#share;
  }

  /** The points in order; the last may stand for fewer values. */
  get points(): readonly number[] {
    return this.#waiting === 0 ? this.#points : [...this.#points, this.#largest];
  }

  add(value: number): void {
    this.#largest = Math.max(this.#largest, value);
    if (++this.#waiting < this.#share) return;
    this.#points.push(this.#largest);
    this.#waiting = 0;
    this.#largest = -Infinity;
    if (this.#points.length < this.#limit) return;
    const halved = Array.from({ length: this.#limit / 2 }, (_, i) =>
      Math.max(this.#points[2 * i] ?? -Infinity, this.#points[2 * i + 1] ?? -Infinity),
    );
    this.#points.splice(0, Infinity, ...halved);
    this.#share *= 2;
  }
}

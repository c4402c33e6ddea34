import { countDue, dueAt } from '#src/bench/load/arrivals.js';
import { runLoad } from '#src/bench/load/run-load.js';
import { BoundedSeries } from '#src/bench/measure/bounded-series.js';
import { LatencyRecord } from '#src/bench/measure/latency-record.js';
import { median, percentile } from '#src/bench/measure/percentile.js';
import type { BenchTarget } from '#src/bench/index.js';
import { IsovecError } from '#src/index.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** A target that answers when it is told to, and remembers how many calls overlapped. */
function echoTarget(answer: (texts: readonly string[]) => Promise<void> = () => Promise.resolve()): BenchTarget & {
  readonly seen: string[][];
  readonly most: number;
} {
  const seen: string[][] = [];
  let running = 0;
  let most = 0;
  const close = (): Promise<void> => Promise.resolve();
  return {
    description: { kind: 'library', model: 'echo' },
    seen,
    get most() {
      return most;
    },
    async embed(texts) {
      seen.push([...texts]);
      most = Math.max(most, ++running);
      try {
        await answer(texts);
      } finally {
        running--;
      }
      return { vectors: texts.map(() => [1]), tokens: texts.length * 3 };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const calls = [['a'], ['b', 'c'], ['d']];

describe('the schedule of arrivals', () => {
  it('counts as due exactly the calls whose moment has come', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e5, noNaN: true }), fc.nat(1e6), (rate, index) => {
        const due = dueAt(index, rate);
        expect(countDue(due, rate)).toBeGreaterThanOrEqual(index + 1);
        const count = countDue(due, rate);
        expect(dueAt(count - 1, rate)).toBeLessThanOrEqual(due);
        expect(dueAt(count, rate)).toBeGreaterThan(due);
      }),
    );
    expect(countDue(-1, 10)).toBe(0);
  });
});

describe('a closed loop', () => {
  it('sends every call in order, again from the first, and never more at a time than asked', async () => {
    const target = echoTarget(() => new Promise((resolve) => setImmediate(resolve)));
    const { record, lateness } = await runLoad(
      { kind: 'closed', concurrency: 2 },
      { target, calls, end: { calls: 7 }, timeout: 1000 },
    );
    expect(target.seen).toEqual([0, 1, 2, 0, 1, 2, 0].map((index) => calls[index]));
    expect(target.most).toBe(2);
    expect([record.answered, record.texts, record.tokens, record.failed]).toEqual([7, 9, 27, 0]);
    expect([record.latencies.count, lateness]).toEqual([7, undefined]);
  });

  it('counts failed calls by kind and goes on, but ends at a defect', async () => {
    let count = 0;
    const target = echoTarget(() => {
      count++;
      if (count % 2 === 0) throw new IsovecError('OVERLOADED', 'full', { data: { status: 503 } });
      return Promise.resolve();
    });
    const plan = { target, calls, end: { calls: 6 }, timeout: 1000 };
    const { record } = await runLoad({ kind: 'closed', concurrency: 1 }, plan);
    expect([record.answered, record.failed]).toEqual([3, 3]);
    expect(record.failures).toEqual([{ kind: 'OVERLOADED, HTTP 503', count: 3, message: 'full' }]);
    const broken = { ...plan, target: echoTarget(() => Promise.reject(new TypeError('a defect'))) };
    await expect(runLoad({ kind: 'closed', concurrency: 1 }, broken)).rejects.toMatchObject({ code: 'INTERNAL' });
    let sent = 0;
    const oneBreaks = echoTarget(async () => {
      if (++sent === 3) throw new TypeError('a defect');
      await new Promise((resolve) => setImmediate(resolve));
    });
    const others = { ...plan, target: oneBreaks, end: { calls: 1000 } };
    await expect(runLoad({ kind: 'closed', concurrency: 4 }, others)).rejects.toMatchObject({ code: 'INTERNAL' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sent).toBeLessThan(20);
    await expect(runLoad({ kind: 'open', callsPerSecond: 1000, maxPending: 5 }, broken)).rejects.toMatchObject({
      code: 'INTERNAL',
    });
  });
});

describe('an open loop', () => {
  it('counts latency from the moment a call was due: one that waits for a target that stands still has waited', async () => {
    let release: () => void = () => undefined;
    const standing = new Promise<void>((resolve) => (release = resolve));
    const target = echoTarget(() => standing);
    const plan = { target, calls, end: { calls: 20 }, timeout: 60_000 };
    const running = runLoad({ kind: 'open', callsPerSecond: 1000, maxPending: 100 }, plan);
    while (target.seen.length < 20) await new Promise((resolve) => setTimeout(resolve, 1));
    release();
    const { record } = await running;
    const summary = record.latencies.summary();
    expect(record.answered).toBe(20);
    // All are answered at once; the first was due 19 ms before the last.
    expect((summary?.max ?? 0) - (summary?.min ?? 0)).toBeGreaterThan(15);
  });

  it('drops what is due beyond the backlog, and says so', async () => {
    let release: () => void = () => undefined;
    const target = echoTarget(() => new Promise<void>((resolve) => (release = resolve)));
    const running = runLoad(
      { kind: 'open', callsPerSecond: 2000, maxPending: 1 },
      { target, calls, end: { calls: 10 }, timeout: 60_000 },
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();
    const { record } = await running;
    expect(record.answered + record.failed).toBe(10);
    expect(record.failures[0]).toMatchObject({ kind: 'OVERLOADED' });
    expect(target.most).toBe(1);
  });

  it('ends when it is cancelled', async () => {
    const controller = new AbortController();
    const running = runLoad(
      { kind: 'open', callsPerSecond: 1, maxPending: 10 },
      { target: echoTarget(), calls, end: { calls: 100 }, timeout: 1000, signal: controller.signal },
    );
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

describe('percentiles', () => {
  it('are samples: the smallest that so many of them do not exceed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (samples, share) => {
          const sorted = Float64Array.from(samples).sort();
          const value = percentile(sorted, share);
          const reached = sorted.filter((one) => one <= value).length / sorted.length;
          const below = sorted.filter((one) => one < value).length / sorted.length;
          expect(reached).toBeGreaterThanOrEqual(share - 1e-6);
          expect(below).toBeLessThan(share + 1e-6);
        },
      ),
    );
    expect(percentile([], 0.5)).toBeNaN();
    expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, NaN]);
  });

  it('stay within 0.1 % where there are too many samples to keep', () => {
    const record = new LatencyRecord();
    for (let i = 1; i <= 100_000; i++) record.add(i / 100);
    const summary = record.summary();
    expect(summary).toMatchObject({ samples: 100_000, exact: false, min: 0.01, max: 1000 });
    for (const [figure, wanted] of [
      [summary?.p50, 500],
      [summary?.p95, 950],
      [summary?.p99, 990],
    ] as const) {
      expect(Math.abs((figure ?? 0) / wanted - 1)).toBeLessThan(0.0015);
    }
  });
});

describe('a bounded series', () => {
  it('keeps the peak and the order in a fixed number of points', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 500 }), (values) => {
        const series = new BoundedSeries(8);
        for (const value of values) series.add(value);
        const { points, valuesPerPoint } = series;
        expect(points.length).toBeLessThanOrEqual(9);
        expect(Math.max(...points)).toBe(Math.max(...values));
        points.forEach((point, i) => {
          expect(point).toBe(Math.max(...values.slice(i * valuesPerPoint, (i + 1) * valuesPerPoint)));
        });
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Pace, PaceMeter } from '#src/cli/output/pace-meter.js';
import { ProgressEvents } from '#src/cli/output/progress-events.js';
import { progressFacts, progressLine } from '#src/cli/output/progress-line.js';
import { ProgressLog } from '#src/cli/output/progress-log.js';
import { displayWidth } from '#src/cli/text/display-width.js';
import type { Progress } from '#src/shared/progress.js';

const NO_PACE: Pace = { perSecond: undefined, tokensPerSecond: undefined, secondsLeft: undefined };

function rows(done: number, more: Partial<Progress> = {}): Progress {
  return { phase: 'embed', subject: 'texts.csv', done, total: 10_000, unit: 'rows', ...more };
}

/** A clock that is set by hand. */
class Clock {
  at = 1_000_000;
  readonly now = (): number => this.at;
}

describe('a progress line', () => {
  const pace = { perSecond: 812, tokensPerSecond: 9120, secondsLeft: 127 };

  it('shows how far, how much, how fast and how long yet', () => {
    expect(progressLine(rows(4100), pace, 79)).toBe(
      'embedding texts.csv ███░░░░░ 41% 4,100 rows 812/s 9.1k tokens/s 2 min 7 s left',
    );
    expect(progressLine(rows(4100), pace, 40)).toBe('embedding texts.csv 41% 2 min 7 s left');
    const download: Progress = { phase: 'download', subject: 'a.bin', done: 5e6, total: 2e7, unit: 'bytes' };
    expect(progressLine(download, { ...NO_PACE, perSecond: 2.5e6, secondsLeft: 6 }, 79)).toBe(
      'fetching a.bin ████░░░░░░░░░░ 25% 5.0 MB 2.5 MB/s 6 s left',
    );
  });

  it('keeps rates and the time left of a million rows at 80 columns', () => {
    const million = rows(410_000, { subject: 'corpus.parquet', total: 1_000_000 });
    const line = progressLine(million, { perSecond: 1812, tokensPerSecond: 19_100, secondsLeft: 737 }, 79);
    for (const part of ['corpus.parquet', '41%', '1,812/s', '19k tokens/s', '12 min 17 s left']) {
      expect(line).toContain(part);
    }
  });

  it('shows what there is where the end is not known, and 100% only at the end', () => {
    const endless: Progress = { phase: 'embed', subject: 'texts.csv', done: 4100, unit: 'rows' };
    expect(progressLine(endless, { ...pace, secondsLeft: undefined }, 79)).toBe(
      'embedding texts.csv 4,100 rows 812/s 9.1k tokens/s',
    );
    expect(progressFacts(rows(9_999), NO_PACE)).toBe('embedding texts.csv 99% 9,999 rows');
    expect(progressFacts(rows(10_000), NO_PACE)).toBe('embedding texts.csv 100% 10,000 rows');
  });

  it('fits 79 and 39 columns whatever it is about, and holds no control characters', () => {
    const phases = ['resolve', 'download', 'verify', 'convert', 'load', 'embed', 'validate'] as const;
    const units = ['bytes', 'rows', 'texts', 'tensors', 'steps'] as const;
    const figure = fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.constantFrom(...phases),
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(...units),
        fc.nat({ max: 1e12 }),
        fc.option(fc.nat({ max: 1e12 }), { nil: undefined }),
        fc.record({ perSecond: figure, tokensPerSecond: figure, secondsLeft: figure }),
        fc.constantFrom(79, 39),
        (phase, subject, unit, done, total, anyPace, columns) => {
          const progress = { phase, subject, unit, done, ...(total === undefined ? {} : { total }) };
          const line = progressLine(progress, anyPace, columns);
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/\p{Cc}/u);
        },
      ),
    );
  });
});

describe('the pace', () => {
  it('is that of the last ten seconds', () => {
    const clock = new Clock();
    const meter = new PaceMeter(clock.now);
    let done = 0;
    const go = (seconds: number, perSecond: number): void => {
      for (let step = 0; step < seconds * 10; step++) {
        meter.add(rows(done, { tokens: done * 11 }));
        clock.at += 100;
        done += perSecond / 10;
      }
      meter.add(rows(done, { tokens: done * 11 }));
    };
    go(20, 10);
    expect(meter.pace().perSecond).toBeCloseTo(10, 0);
    go(20, 200);
    const { perSecond = 0, tokensPerSecond = 0, secondsLeft = 0 } = meter.pace();
    expect(perSecond).toBeGreaterThan(180);
    expect(tokensPerSecond / perSecond).toBeCloseTo(11, 6);
    expect(secondsLeft).toBeCloseTo((10_000 - done) / perSecond, 6);
  });

  it('of a job that goes on where it was is not taken from what was done before', () => {
    const clock = new Clock();
    const meter = new PaceMeter(clock.now);
    meter.add(rows(9_000));
    clock.at += 1000;
    meter.add(rows(9_100));
    expect(meter.pace()).toMatchObject({ perSecond: 100, secondsLeft: 9 });
  });

  it('is not known at once, falls when nothing moves, and begins anew when the count does', () => {
    const clock = new Clock();
    const meter = new PaceMeter(clock.now);
    meter.add(rows(0));
    clock.at += 100;
    meter.add(rows(50));
    expect(meter.pace().perSecond).toBeUndefined();
    clock.at += 900;
    meter.add(rows(100));
    expect(meter.pace().perSecond).toBe(100);
    clock.at += 60_000;
    meter.add(rows(100));
    expect(meter.pace().perSecond).toBeLessThan(2);
    meter.add(rows(0));
    clock.at += 1000;
    meter.add(rows(10));
    expect(meter.pace().perSecond).toBe(10);
  });
});

describe('progress in a log', () => {
  it('is a line when a long step begins, and one every ten seconds', () => {
    const clock = new Clock();
    const lines: string[] = [];
    const log = new ProgressLog((line) => lines.push(line), clock.now);
    log.show({ phase: 'download', subject: 'a.bin', done: 0, total: 2e7, unit: 'bytes' });
    log.show({ phase: 'download', subject: 'a.bin', done: 1e6, total: 2e7, unit: 'bytes' });
    expect(lines).toEqual(['fetching a.bin (20.0 MB)']);
    for (let second = 0; second <= 30; second++) {
      log.show(rows(second * 100, { tokens: second * 1000 }));
      clock.at += 1000;
    }
    expect(lines.slice(1)).toEqual([
      'embedding texts.csv 10% 1,000 rows 100/s 1.0k tokens/s 1 min 30 s left',
      'embedding texts.csv 20% 2,000 rows 100/s 1.0k tokens/s 1 min 20 s left',
      'embedding texts.csv 30% 3,000 rows 100/s 1.0k tokens/s 1 min 10 s left',
    ]);
  });
});

describe('progress as events', () => {
  it('comes four times a second at most, and the last of every step comes in any case', () => {
    const clock = new Clock();
    const events: { readonly at: number; readonly subject: string; readonly done: number }[] = [];
    const display = new ProgressEvents(({ subject, done }) => events.push({ at: clock.at, subject, done }), clock.now);
    for (let done = 0; done <= 1000; done++) {
      display.show(rows(done, { total: 1000 }));
      clock.at += 10;
    }
    for (let done = 0; done <= 3; done++) display.show(rows(done, { subject: 'endless' }));
    display.show(rows(7, { subject: 'next' }));
    display.finish();
    const first = events.filter(({ subject }) => subject === 'texts.csv');
    expect(first.at(-1)?.done).toBe(1000);
    for (const [index, { at }] of first.slice(1, -1).entries()) {
      expect(at - (first[index]?.at ?? 0)).toBeGreaterThanOrEqual(250);
    }
    expect(first.length).toBeGreaterThan(35);
    expect(events.slice(first.length)).toMatchObject([
      { subject: 'endless', done: 3 },
      { subject: 'next', done: 7 },
    ]);
  });

  it('holds the facts and leaves out what is not known', () => {
    const clock = new Clock();
    const events: unknown[] = [];
    const display = new ProgressEvents((event) => events.push(event), clock.now);
    display.show(rows(0, { tokens: 0 }));
    clock.at += 2000;
    display.show(rows(1624, { tokens: 18_240 }));
    expect(events).toEqual([
      { event: 'progress', ...rows(0, { tokens: 0 }) },
      {
        event: 'progress',
        ...rows(1624, { tokens: 18_240 }),
        rate: 812,
        tokensPerSecond: 9120,
        secondsLeft: 11,
      },
    ]);
  });
});

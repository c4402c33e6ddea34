import { LanePolicy, type LanePolicyOptions } from '#src/runtime/lane-policy.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const OPTIONS: LanePolicyOptions = {
  threads: 2,
  width: 2,
  calmMilliseconds: 30,
  wideAfter: 3,
};
const IDLE = { narrowBusy: 0, wideBusy: false, wideReady: true };

const policy = (options: Partial<LanePolicyOptions> = {}): LanePolicy => new LanePolicy({ ...OPTIONS, ...options });

describe('a lone batch', () => {
  it('takes the wide session', () => {
    expect(policy().choose(0, 0, IDLE)).toBe('wide');
  });

  it('takes a narrow one while the wide session is not ready', () => {
    expect(policy().choose(0, 0, { ...IDLE, wideReady: false })).toBe('narrow');
  });

  it('takes a narrow one where one thread is all there is', () => {
    expect(policy({ width: 1 }).choose(0, 0, IDLE)).toBe('narrow');
  });
});

describe('overlapping work', () => {
  it.each([
    ['another text waits', 1, IDLE],
    ['a narrow session runs', 0, { ...IDLE, narrowBusy: 1 }],
    ['the wide session runs', 0, { ...IDLE, wideBusy: true }],
  ])('keeps every batch on one thread when %s, until it has been calm', (_, waiting, state) => {
    const subject = policy();
    expect(subject.choose(100, waiting, state)).toBe('narrow');
    expect(subject.choose(129, 0, IDLE)).toBe('narrow');
    expect(subject.choose(130, 0, IDLE)).toBe('wide');
  });

  it('is also what waits behind a running batch', () => {
    const subject = policy();
    subject.overlap(100);
    expect(subject.choose(110, 0, IDLE)).toBe('narrow');
  });
});

it('wants the wide session after enough lone batches, ready or not', () => {
  const subject = policy();
  const missing = { ...IDLE, wideReady: false };
  subject.choose(0, 0, missing);
  subject.choose(0, 1, missing);
  subject.choose(50, 0, missing);
  expect(subject.wantsWide).toBe(false);
  subject.choose(50, 0, missing);
  expect(subject.wantsWide).toBe(true);
});

it('never wants a session of one thread', () => {
  const subject = policy({ width: 1 });
  for (let i = 0; i < 10; i++) subject.choose(i, 0, IDLE);
  expect(subject.wantsWide).toBe(false);
});

it('never starts more threads than there are', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('start' as const), waiting: fc.nat(2) }),
    fc.record({ do: fc.constant('finish' as const), wide: fc.boolean() }),
    fc.record({ do: fc.constant('wait' as const), milliseconds: fc.nat(50) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.array(step),
      (threads, width, steps) => {
        const subject = policy({ threads, width: Math.min(width, threads) });
        let now = 0;
        let narrowBusy = 0;
        let wideBusy = false;
        for (const action of steps) {
          const state = { narrowBusy, wideBusy, wideReady: !wideBusy };
          if (action.do === 'wait') {
            now += action.milliseconds;
          } else if (action.do === 'finish') {
            if (action.wide) wideBusy = false;
            else narrowBusy = Math.max(0, narrowBusy - 1);
          } else if (subject.hasRoom(state)) {
            if (subject.choose(now, action.waiting, state) === 'narrow') narrowBusy++;
            else wideBusy = true;
          }
          expect(narrowBusy + (wideBusy ? Math.min(width, threads) : 0)).toBeLessThanOrEqual(threads);
        }
      },
    ),
  );
});

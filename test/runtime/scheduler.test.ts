import { Scheduler, type SchedulerEntry } from '#src/runtime/scheduler.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const BUDGET = 64;
const AGING = 1000;
/** Tokens that go before one of texts whose age makes up for their priority. */
const OVERTAKING = 3;
/** Tokens that a batch of texts may have that give way to others. */
const YIELDING = 64;

const scheduler = (): Scheduler => new Scheduler({ tokenBudget: BUDGET, agingMilliseconds: AGING });

type Step =
  | { readonly do: 'push'; readonly length: number; readonly kind: string; readonly priority: number }
  | { readonly do: 'remove'; readonly choice: number }
  | { readonly do: 'next' }
  | { readonly do: 'wait'; readonly milliseconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      length: fc.oneof(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 0, max: 100 })),
      kind: fc.constantFrom('embeddings/0', 'embeddings/3', 'hidden/0'),
      priority: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), choice: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('next' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), milliseconds: fc.nat(3000) }) },
);

/** Runs steps against the scheduler and a plain list of what waits; `onBatch` sees both just before a batch leaves. */
function replay(
  steps: readonly Step[],
  onBatch: (entries: readonly SchedulerEntry[], waiting: readonly SchedulerEntry[], now: number) => void,
): { dispatched: number[]; removed: number[]; pushed: number } {
  const subject = scheduler();
  const dispatched: number[] = [];
  const removed: number[] = [];
  let waiting: SchedulerEntry[] = [];
  let now = 0;
  let pushed = 0;
  const take = (): boolean => {
    const decision = subject.next(now);
    if (decision.kind === 'idle') return false;
    onBatch(decision.entries, waiting, now);
    const ids = new Set(decision.entries.map(({ id }) => id));
    waiting = waiting.filter(({ id }) => !ids.has(id));
    dispatched.push(...ids);
    return true;
  };
  for (const action of steps) {
    if (action.do === 'push') {
      const { length, kind, priority } = action;
      const entry = { id: pushed++, length, kind, priority, arrivedAt: now };
      subject.push(entry);
      waiting.push(entry);
    } else if (action.do === 'remove') {
      const entry = waiting[action.choice % Math.max(waiting.length, 1)];
      if (entry === undefined) continue;
      expect(subject.remove(entry.id)).toBe(true);
      expect(subject.remove(entry.id)).toBe(false);
      waiting = waiting.filter(({ id }) => id !== entry.id);
      removed.push(entry.id);
    } else if (action.do === 'wait') {
      now += action.milliseconds;
    } else {
      take();
    }
    expect(subject.size).toBe(waiting.length);
    const oldest = Math.min(...waiting.map(({ arrivedAt }) => arrivedAt));
    expect(subject.oldestArrival ?? Infinity).toBe(oldest);
  }
  while (take());
  expect(subject.size).toBe(0);
  return { dispatched, removed, pushed };
}

const steps = fc.array(step, { maxLength: 200 });

describe('a batch', () => {
  it('holds texts of one length and kind, and of one priority', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        replay(actions, (entries) => {
          expect(new Set(entries.map(({ length, kind, priority }) => `${length} ${kind} ${priority}`)).size).toBe(1);
        });
      }),
    );
  });

  it('never exceeds the token budget, unless it is one longer text alone', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        replay(actions, (entries) => {
          // A text without tokens counts as one.
          const tokens = entries.reduce((sum, { length }) => sum + Math.max(1, length), 0);
          expect(tokens <= BUDGET || entries.length === 1).toBe(true);
        });
      }),
    );
  });

  it('is as full as the waiting texts of its length allow', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        replay(actions, (entries, waiting) => {
          const [first] = entries;
          const alike = waiting.filter(
            ({ length, kind, priority }) =>
              length === first?.length && kind === first.kind && priority === first.priority,
          );
          const room = Math.max(1, Math.floor(BUDGET / Math.max(1, first?.length ?? 1)));
          expect(entries).toEqual(alike.slice(0, room));
        });
      }),
    );
  });

  it('is led by the oldest text of the most urgent priority, or for a share of the tokens by one that age makes more urgent', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        let owed = 0;
        replay(actions, (entries, waiting, now) => {
          const urgency = (entry: SchedulerEntry): number => entry.priority - (now - entry.arrivedAt) / AGING;
          const priority = Math.min(...waiting.map((entry) => entry.priority));
          const first = waiting.find((entry) => entry.priority === priority) as SchedulerEntry;
          const most = Math.min(...waiting.map(urgency));
          const tokens = entries.reduce((sum, { length }) => sum + length, 0);
          if (urgency(first) === most) owed = 0;
          else if (entries.includes(first)) owed += tokens;
          else {
            expect(Math.min(...entries.map(urgency))).toBe(most);
            expect(owed).toBeGreaterThanOrEqual(OVERTAKING * YIELDING);
            owed -= OVERTAKING * tokens;
          }
          // One batch above the limit at most, be it a text longer than all others.
          expect(owed).toBeLessThan(OVERTAKING * YIELDING + 100);
        });
      }),
    );
  });

  it('is of waiting texts for a quarter of the tokens, however many more urgent ones come in full batches', () => {
    const subject = new Scheduler({ tokenBudget: 1024, agingMilliseconds: AGING });
    for (let id = 0; id < 5000; id++) subject.push({ id, length: 8, kind: 'k', priority: 1, arrivedAt: 0 });
    const tokens = [0, 0];
    for (let now = 0, id = 5000; now < 5000; now += 10) {
      for (let i = 0; i < 128; i++, id++) subject.push({ id, length: 8, kind: 'k', priority: 0, arrivedAt: now });
      const decision = subject.next(now);
      if (decision.kind === 'idle') throw new Error('There is work.');
      const { priority } = decision.entries[0] as SchedulerEntry;
      if (now > 2000) tokens[priority] = (tokens[priority] ?? 0) + 8 * decision.entries.length;
    }
    const [urgent = 0, waiting = 0] = tokens;
    expect(waiting / (urgent + waiting)).toBeCloseTo(0.25, 1);
  });

  it('is small where more urgent texts came not long ago, and large again when they stay away', () => {
    const subject = new Scheduler({ tokenBudget: 256, agingMilliseconds: AGING });
    const sizes = (now: number): number => {
      const decision = subject.next(now);
      return decision.kind === 'batch' ? decision.entries.length : 0;
    };
    for (let id = 0; id < 200; id++) subject.push({ id, length: 8, kind: 'k', priority: 2, arrivedAt: 0 });
    expect(sizes(0)).toBe(32);
    subject.push({ id: 1000, length: 5, kind: 'k', priority: 0, arrivedAt: 10 });
    expect([sizes(10), sizes(10), sizes(2009)]).toEqual([1, 8, 8]);
    expect(sizes(2010)).toBe(32);
  });
});

describe('every text', () => {
  it('is dispatched exactly once if it is not removed, and never after it was', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const { dispatched, removed, pushed } = replay(actions, () => undefined);
        expect([...dispatched, ...removed].sort((a, b) => a - b)).toEqual(
          Array.from({ length: pushed }, (_, id) => id),
        );
      }),
    );
  });

  it('keeps its order among texts of its length, kind and priority', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const seen = new Map<string, number>();
        replay(actions, (entries) => {
          for (const { id, length, kind, priority } of entries) {
            const key = `${length} ${kind} ${priority}`;
            expect(id).toBeGreaterThan(seen.get(key) ?? -1);
            seen.set(key, id);
          }
        });
      }),
    );
  });

  it('runs although more urgent texts never stop coming, once its age makes up for its priority', () => {
    const subject = scheduler();
    subject.push({ id: 0, length: 7, kind: 'k', priority: 2, arrivedAt: 0 });
    const ranAt = (() => {
      for (let now = 0, id = 1; now < 10 * AGING; now += 50, id++) {
        subject.push({ id, length: 5, kind: 'k', priority: 0, arrivedAt: now });
        const decision = subject.next(now);
        if (decision.kind === 'batch' && decision.entries.some((entry) => entry.id === 0)) return now;
      }
      return Infinity;
    })();
    expect(ranAt).toBeGreaterThan(2 * AGING);
    // One text of five tokens every fifty milliseconds.
    expect(ranAt).toBeLessThanOrEqual(2 * AGING + 50 * Math.ceil((OVERTAKING * YIELDING) / 5 + 1));
  });

  it('goes before a queue of less urgent ones, however long that has waited', () => {
    const subject = scheduler();
    for (let id = 0; id < 500; id++) subject.push({ id, length: 64, kind: 'k', priority: 2, arrivedAt: 0 });
    let before = 0;
    for (let now = 60_000, id = 1000; id < 1050; now += 40, id++) {
      subject.push({ id, length: 5, kind: 'k', priority: 0, arrivedAt: now });
      for (let batches = 0; ; batches++) {
        const decision = subject.next(now + batches);
        if (decision.kind === 'batch' && decision.entries.some((entry) => entry.id === id)) {
          before = Math.max(before, batches);
          break;
        }
      }
      // Nothing urgent waits: the others have the worker for a while.
      subject.next(now + 20);
    }
    expect(before).toBe(0);
  });

  it('may take the number of one that was removed', () => {
    const subject = scheduler();
    subject.push({ id: 1, length: 5, kind: 'k', priority: 1, arrivedAt: 0 });
    subject.push({ id: 2, length: 5, kind: 'k', priority: 1, arrivedAt: 0 });
    subject.remove(1);
    subject.push({ id: 1, length: 5, kind: 'k', priority: 1, arrivedAt: 1 });
    const decision = subject.next(2);
    expect(decision.kind === 'batch' && decision.entries.map(({ id }) => id)).toEqual([2, 1]);
  });
});

it('keeps nothing of removed texts, even while an older one still waits', async () => {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const subject = scheduler();
  subject.push({ id: 0, length: 9, kind: 'k', priority: 1, arrivedAt: 0 });
  const refs = Array.from({ length: 500 }, (_, i) => {
    const entry = { id: i + 1, length: 9, kind: 'k', priority: 1, arrivedAt: 0 };
    subject.push(entry);
    return new WeakRef(entry);
  });
  for (let id = 1; id <= refs.length; id++) subject.remove(id);
  // A WeakRef is held until the current job ends.
  await new Promise(setImmediate);
  collect();
  // The last one may still be reachable from a register of the loop above.
  expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(1);
  expect(subject.size).toBe(1);
});

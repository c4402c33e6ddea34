import { CircuitBreaker } from '#src/providers/chain/circuit-breaker.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function opened(now = 0): CircuitBreaker {
  const breaker = new CircuitBreaker();
  for (let i = 0; i < 3; i++) breaker.failed(now);
  return breaker;
}

describe('a circuit breaker', () => {
  it('lets calls through until three fail in a row', () => {
    const breaker = new CircuitBreaker();
    breaker.failed(0);
    breaker.failed(0);
    breaker.succeeded();
    breaker.failed(0);
    breaker.failed(0);
    expect([breaker.closed, breaker.enter(0)]).toEqual([true, true]);
    breaker.failed(0);
    expect([breaker.closed, breaker.enter(0)]).toEqual([false, false]);
  });

  it('tries with one call after a second, and longer after every failed trial', () => {
    const breaker = opened();
    expect(breaker.enter(999)).toBe(false);
    expect([breaker.enter(1000), breaker.enter(1000)]).toEqual([true, false]);
    breaker.failed(1500);
    expect([breaker.enter(3499), breaker.enter(3500)]).toEqual([false, true]);
    breaker.left();
    expect(breaker.enter(3500)).toBe(true);
    breaker.succeeded();
    expect([breaker.closed, breaker.enter(3500), breaker.enter(3500)]).toEqual([true, true, true]);
  });

  it('never stays away for more than a minute, and never lets two trials in at once', () => {
    const events = fc.array(fc.tuple(fc.constantFrom('failed', 'succeeded', 'left'), fc.nat(120_000)), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(events, (steps) => {
        const breaker = opened();
        let now = 0;
        for (const [outcome, wait] of steps) {
          now += wait;
          const wasClosed = breaker.closed;
          if (!breaker.enter(now)) {
            expect(breaker.enter(now + 60_000)).toBe(true);
            now += 60_000;
          } else if (!wasClosed) expect(breaker.enter(now + 60_000)).toBe(false);
          if (outcome === 'failed') breaker.failed(now);
          else if (outcome === 'succeeded') breaker.succeeded();
          else breaker.left();
        }
      }),
    );
  });
});

import { Admission, type Admitted } from '#src/runtime/admission.js';
import { isIsovecError } from '#src/shared/isovec-error.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const LIMITS = { maxPendingTexts: 100, maxPendingTokens: 1000 };

function refusal(enter: () => unknown): unknown {
  try {
    enter();
  } catch (error) {
    return error;
  }
  throw new Error('was let in');
}

it('lets anything in when nothing is pending, since it could not be served later either', () => {
  const admission = new Admission(LIMITS);
  admission.enter(1_000_000, 1_000_000_000);
  expect(admission.pendingTexts).toBe(1_000_000);
});

it.each([
  ['texts', 60, 10],
  ['tokens', 10, 960],
])('refuses a call that would exceed the limit of %s, with a hint when to come back', (what, texts, tokens) => {
  const admission = new Admission(LIMITS);
  admission.enter(50, 50);
  const error = refusal(() => admission.enter(texts, tokens));
  if (!isIsovecError(error, 'OVERLOADED')) throw new Error('expected OVERLOADED', { cause: error });
  expect(error.message).toContain(`${what} are pending and the limit is`);
  expect(error.retryable).toBe(true);
  expect(error.data).toMatchObject({ pendingTexts: 50, pendingTokens: 50, retryAfterMilliseconds: 1000 });
  expect(admission.pendingTexts).toBe(50);
});

it('reckons the hint from the measured rate and the tokens that are pending', () => {
  const admission = new Admission(LIMITS);
  admission.enter(50, 900);
  admission.observe(10, 5);
  const error = refusal(() => admission.enter(60, 1));
  expect(isIsovecError(error) && error.data['retryAfterMilliseconds']).toBe(450);
});

it('tells beforehand that a call would not be let in, and lets nothing in by that', () => {
  const admission = new Admission(LIMITS);
  admission.check(101, 1001);
  admission.enter(99, 999);
  admission.check(1, 1);
  expect(() => {
    admission.check(2, 1);
  }).toThrow('texts are pending');
  expect(() => {
    admission.check(1, 2);
  }).toThrow('tokens are pending');
  expect([admission.pendingTexts, admission.pendingTokens]).toEqual([99, 999]);
});

it('lets a call in again when room was made', () => {
  const admission = new Admission(LIMITS);
  const first = admission.enter(100, 100);
  expect(() => admission.enter(1, 1)).toThrow('The queue is full');
  admission.complete(first, 1, 1);
  admission.enter(1, 1);
  expect(admission.pendingTexts).toBe(100);
});

it('holds exactly what the open calls have left, whatever completes and leaves in whatever order', () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('enter' as const), texts: fc.integer({ min: 1, max: 40 }), tokens: fc.nat(400) }),
    fc.record({ do: fc.constant('complete' as const), call: fc.nat(), texts: fc.nat(50), tokens: fc.nat(500) }),
    fc.record({ do: fc.constant('leave' as const), call: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const admission = new Admission(LIMITS);
      const open: { admitted: Admitted; texts: number; tokens: number }[] = [];
      const sum = (key: 'texts' | 'tokens'): number => open.reduce((total, call) => total + call[key], 0);
      for (const one of actions) {
        if (one.do === 'enter') {
          const fits = sum('texts') + one.texts <= 100 && sum('tokens') + one.tokens <= 1000;
          if (fits || sum('texts') === 0) {
            const { texts, tokens } = one;
            open.push({ admitted: admission.enter(texts, tokens), texts, tokens });
          } else {
            expect(
              isIsovecError(
                refusal(() => admission.enter(one.texts, one.tokens)),
                'OVERLOADED',
              ),
            ).toBe(true);
          }
        } else {
          const call = open[one.call % Math.max(open.length, 1)];
          if (call === undefined) continue;
          if (one.do === 'leave') {
            admission.leave(call.admitted);
            admission.leave(call.admitted);
            open.splice(open.indexOf(call), 1);
          } else {
            admission.complete(call.admitted, one.texts, one.tokens);
            call.texts -= Math.min(one.texts, call.texts);
            call.tokens -= Math.min(one.tokens, call.tokens);
          }
        }
        expect([admission.pendingTexts, admission.pendingTokens]).toEqual([sum('texts'), sum('tokens')]);
      }
    }),
  );
});

import { failureError, repeatsText } from '#src/providers/remote/failure-error.js';
import { readAnswer } from '#src/providers/remote/read-answer.js';
import { decideRetry, type RequestFailure, retryAfterMilliseconds } from '#src/providers/remote/retry-decision.js';
import { splitBatches } from '#src/providers/remote/split-batches.js';
import { isIsovecError } from '#src/shared/isovec-error.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const failureOf = (status: number, retryAfter?: string): RequestFailure => ({
  kind: 'status',
  status,
  retryAfter,
  message: undefined,
  location: undefined,
});

describe('batches', () => {
  it('hold all texts in order, within the limits, and none could take the next text', () => {
    const text = fc.string({ maxLength: 12 });
    const limit = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), limit, limit, (texts, maxTexts, maxCharacters) => {
        const ranges = splitBatches(texts, { maxTexts, maxCharacters });
        expect(ranges.flatMap(({ begin, end }) => texts.slice(begin, end))).toEqual(texts);
        ranges.forEach(({ begin, end }, i) => {
          const characters = (to: number): number => texts.slice(begin, to).join('').length;
          expect(end).toBeGreaterThan(begin);
          expect(end - begin).toBeLessThanOrEqual(maxTexts);
          if (end - begin > 1) expect(characters(end)).toBeLessThanOrEqual(maxCharacters);
          if (i < ranges.length - 1) {
            expect(end - begin === maxTexts || characters(end + 1) > maxCharacters).toBe(true);
          }
        });
      }),
    );
  });
});

describe('the decision to try again', () => {
  it('never waits beyond the deadline, a minute or the number of retries', () => {
    const header = fc.option(
      fc.oneof(
        fc.nat(200_000).map(String),
        fc.date({ min: new Date(0), max: new Date(9e12), noInvalidDate: true }).map((date) => date.toUTCString()),
        fc.string(),
      ),
      { nil: undefined },
    );
    const status = fc.constantFrom(400, 404, 408, 413, 429, 500, 501, 503, 504);
    const deadline = fc.option(fc.integer({ min: NOW - 10, max: NOW + 100_000 }), { nil: undefined });
    fc.assert(
      fc.property(status, header, deadline, fc.nat(40), fc.nat(40), random, (code, after, end, made, retries, part) => {
        const situation = { tries: made + 1, retries, now: NOW, deadline: end, random: part };
        const decision = decideRetry(failureOf(code, after), situation);
        if (!decision.retry) return;
        expect([408, 429, 500, 503, 504]).toContain(code);
        expect(made).toBeLessThan(retries);
        expect(decision.delay).toBeGreaterThanOrEqual(retryAfterMilliseconds(after, NOW) ?? 0);
        expect(decision.delay).toBeLessThanOrEqual(60_000);
        if (end !== undefined) expect(NOW + decision.delay).toBeLessThan(end);
      }),
    );
  });

  it('waits a random part of a time that doubles up to twenty seconds', () => {
    const longest = [1, 2, 3, 4, 7, 8, 30].map((tries) =>
      decideRetry(failureOf(503), { tries, retries: 99, now: NOW, deadline: undefined, random: 1 }),
    );
    expect(longest.map((decision) => (decision.retry ? decision.delay : undefined))).toEqual([
      250, 500, 1000, 2000, 16_000, 20_000, 20_000,
    ]);
    const connection: RequestFailure = { kind: 'connection', reason: 'ECONNRESET', cause: undefined };
    const none = decideRetry(connection, { tries: 1, retries: 1, now: NOW, deadline: undefined, random: 0 });
    expect(none).toEqual({ retry: true, delay: 0 });
  });

  it('reads seconds and dates', () => {
    const read = (header: string | undefined) => retryAfterMilliseconds(header, NOW);
    expect([read('0'), read(' 17 '), read('Thu, 01 Jan 2026 00:00:05 GMT')]).toEqual([0, 17_000, 5_000]);
    expect(read('Wed, 31 Dec 2025 00:00:00 GMT')).toBe(0);
    expect([undefined, '', '-1', '1.5', 'soon', '2026-01-01'].map(read)).toEqual(Array(6).fill(undefined));
  });
});

describe('an answer', () => {
  it('of any JSON gives vectors of one length or PROVIDER_BAD_RESPONSE', () => {
    const row = fc.oneof(
      fc.array(fc.oneof(fc.double(), fc.constant(null)), { minLength: 1, maxLength: 2 }),
      fc.base64String(),
      fc.jsonValue(),
    );
    const item = fc.record({ index: fc.oneof(fc.nat(2), fc.jsonValue()), embedding: row }, { requiredKeys: [] });
    const value = fc.oneof(fc.record({ data: fc.array(item, { maxLength: 3 }) }), fc.array(row), fc.jsonValue());
    fc.assert(
      fc.property(fc.constantFrom('openai', 'tei'), value, fc.integer({ min: 1, max: 3 }), (kind, json, count) => {
        try {
          const { vectors } = readAnswer(kind, JSON.stringify(json), count);
          expect(vectors.length).toBe(count);
          expect(new Set(vectors.map(({ length }) => length)).size).toBe(1);
          expect(vectors.every((vector) => vector.length > 0 && vector.every(Number.isFinite))).toBe(true);
        } catch (error) {
          if (!isIsovecError(error, 'PROVIDER_BAD_RESPONSE')) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives every float32 as it was, in numbers and in base64, in any order', () => {
    const vectors = fc.array(fc.float32Array({ minLength: 3, maxLength: 3, noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(vectors, fc.boolean(), (rows, encoded) => {
        const data = rows.map((row, index) => ({
          index,
          embedding: encoded ? Buffer.from(new Uint8Array(row.slice().buffer)).toString('base64') : Array.from(row),
        }));
        const answer = readAnswer('openai', JSON.stringify({ data: data.toReversed() }), rows.length);
        // JSON has no negative zero.
        expect(answer.vectors.map((row) => Array.from(row, (x) => x + 0))).toEqual(
          rows.map((row) => Array.from(row, (x) => x + 0)),
        );
      }),
    );
  });
});

describe('the error of a failure', () => {
  it('never repeats a text', () => {
    const text = fc.string({ minLength: 12, maxLength: 40 });
    fc.assert(
      fc.property(text, fc.string(), fc.string(), fc.nat(20), (secret, before, after, at) => {
        const part = secret.slice(Math.min(at, secret.length - 12));
        expect(repeatsText(`${before}${part}${after}`, ['other', secret])).toBe(true);
      }),
    );
    expect(repeatsText('The batch is too large.', ['a', 'the river rose overnight'])).toBe(false);
  });

  it('has the code of its status', () => {
    const request = {
      origin: 'http://host',
      path: '/v1/embeddings',
      model: 'small',
      texts: [],
      tries: 1,
      withoutSecrets: (text: string) => text,
    };
    const codeOf = (status: number) => failureError(failureOf(status), request).code;
    expect([400, 404, 405, 413, 418, 422, 301].map(codeOf)).toEqual(Array(7).fill('PROVIDER_REJECTED'));
    expect([408, 500, 501, 502, 503, 504, 529].map(codeOf)).toEqual(Array(7).fill('PROVIDER_UNAVAILABLE'));
    expect([401, 403, 429].map(codeOf)).toEqual(['UNAUTHORIZED', 'UNAUTHORIZED', 'OVERLOADED']);
  });
});

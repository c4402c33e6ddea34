import { isSameSpace } from '#src/models/embedding-space.js';
import type { Provider, ProviderBatch } from '#src/providers/provider.js';
import { describe, expect, it } from 'vitest';

/** What {@link providerContract} needs to know of a kind of provider. */
export interface ProviderContractOptions {
  /** A new provider, ready to serve; the suite closes it. */
  readonly make: () => Promise<Provider>;
  /** How far a vector may be from that of the same text alone, per dimension; 0 by default. */
  readonly tolerance?: number;
  /** A text that the provider works on for long enough that a call can be ended meanwhile. */
  readonly slowTexts?: readonly string[];
  /** Whether an empty text is INPUT_INVALID, as nothing is to be made of it; false by default. */
  readonly refusesEmpty?: boolean;
}

const TEXTS = [
  'The harbour was quiet in the morning.',
  'a',
  'Ein Satz mit Umlauten: äöü, und ein 🚢.',
  'The harbour was quiet in the morning.',
  `${'a longer text about rivers and bridges, '.repeat(12)}to the end`,
  '',
];
const MANY = 10_000;
/** Enough work that a call is still open when it is ended. */
const SLOW = Array.from({ length: 4000 }, (_, i) => `text ${i} ${'of many words '.repeat(1 + (i % 20))}`);

function rows({ data, count, dimensions }: ProviderBatch): Float32Array[] {
  return Array.from({ length: count }, (_, i) => data.slice(i * dimensions, (i + 1) * dimensions));
}

function distance(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}

/** The suite that every provider passes: what `Provider` promises. */
export function providerContract(
  name: string,
  { make, tolerance = 0, slowTexts = SLOW, refusesEmpty = false }: ProviderContractOptions,
): void {
  const texts = refusesEmpty ? TEXTS.filter((text) => text !== '') : TEXTS;
  const using = async (work: (provider: Provider) => Promise<void>): Promise<void> => {
    const provider = await make();
    try {
      await work(provider);
    } finally {
      await provider.close();
    }
  };

  describe(`the contract of a provider: ${name}`, { timeout: 120_000 }, () => {
    it('says what it is', async () => {
      await using(async (provider) => {
        const info = provider.info();
        expect(provider.specVersion).toBe(1);
        expect(isSameSpace(info.space, provider.space)).toBe(true);
        expect([info.dimensions, provider.space.dimensions]).toEqual([provider.dimensions, provider.dimensions]);
        expect(info.provider).toMatch(/^[a-z]+(\/[a-z]+)?$/);
        expect(info.device).not.toBe('');
        expect(provider.health().status).toBe('ok');
        await provider.warmUp();
      });
    });

    it('gives every text the vector that it has alone, in order', async () => {
      await using(async (provider) => {
        const batch = await provider.encodeBatch(texts);
        expect([batch.count, batch.dimensions]).toEqual([texts.length, provider.dimensions]);
        expect(batch.data.length).toBe(batch.count * batch.dimensions);
        for (const [i, row] of rows(batch).entries()) {
          expect(distance(row, await provider.encode(texts[i] ?? ''))).toBeLessThanOrEqual(tolerance);
        }
        const [first = new Float32Array(), second = new Float32Array(), , same = new Float32Array()] = rows(batch);
        expect(distance(first, same)).toBeLessThanOrEqual(tolerance);
        expect(distance(first, second)).toBeGreaterThan(1e-3);
        if (provider.capabilities.tokenCounts) {
          expect(batch.tokens?.length).toBe(texts.length);
          expect(batch.truncated?.length).toBe(texts.length);
          expect(batch.tokens?.every((count) => count > 0)).toBe(true);
        }
      });
    });

    it('gives an empty batch for an empty list', async () => {
      await using(async (provider) => {
        const { data, count, dimensions } = await provider.encodeBatch([]);
        expect([data.length, count, dimensions]).toEqual([0, 0, provider.dimensions]);
      });
    });

    it('answers calls that overlap, each with its own vectors', async () => {
      await using(async (provider) => {
        const alone = await Promise.all(texts.map((text) => provider.encode(text)));
        const calls = Array.from({ length: 24 }, (_, i) => texts.map((_text, at) => (at + i) % texts.length));
        const answers = await Promise.all(
          calls.map((order) => provider.encodeBatch(order.map((at) => texts[at] ?? ''))),
        );
        answers.forEach((answer, call) => {
          rows(answer).forEach((row, i) => {
            expect(distance(row, alone[calls[call]?.[i] ?? 0] ?? row)).toBeLessThanOrEqual(tolerance);
          });
        });
      });
    });

    it(`answers ${MANY} texts in their order, and leaves them as they were`, async () => {
      await using(async (provider) => {
        const many = Array.from({ length: MANY }, (_, i) => `text ${i % 97} of ${i % 13}`);
        const copy = [...many];
        const batch = await provider.encodeBatch(Object.freeze(many));
        expect(many).toEqual(copy);
        const all = rows(batch);
        expect(all.length).toBe(MANY);
        for (const at of [0, 1, 96, 97, 4999, MANY - 1]) {
          const [alone = new Float32Array()] = rows(await provider.encodeBatch([many[at] ?? '']));
          expect(distance(all[at] ?? new Float32Array(), alone)).toBeLessThanOrEqual(tolerance);
        }
      });
    });

    it('refuses what is no text, and names its index', async () => {
      await using(async (provider) => {
        for (const bad of [undefined, 5, 'half a pair \ud800'] as unknown as readonly string[]) {
          const call = provider.encodeBatch(['good', bad]);
          await expect(call).rejects.toMatchObject({ code: 'INPUT_INVALID', data: { index: 1 } });
        }
        const nothing = provider.encodeBatch('a text' as unknown as readonly string[]);
        await expect(nothing).rejects.toMatchObject({ code: 'INPUT_INVALID' });
        if (refusesEmpty) {
          const empty = provider.encodeBatch(['good', '']);
          await expect(empty).rejects.toMatchObject({ code: 'INPUT_INVALID', data: { index: 1 } });
        }
      });
    });

    it('ends a call when it is told to, and at its deadline, and serves on', async () => {
      await using(async (provider) => {
        const before = AbortSignal.abort();
        await expect(provider.encode('a', { signal: before })).rejects.toMatchObject({ code: 'ABORTED' });
        const late = provider.encode('a', { deadline: Date.now() - 1 });
        await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
        const controller = new AbortController();
        const open = provider.encodeBatch(slowTexts, { signal: controller.signal });
        setImmediate(() => {
          controller.abort();
        });
        await expect(open).rejects.toMatchObject({ code: 'ABORTED' });
        const short = provider.encodeBatch(slowTexts, { deadline: new Date(Date.now() + 5) });
        await expect(short).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
        expect((await provider.encode('a')).length).toBe(provider.dimensions);
      });
    });

    it('compares by the similarity of its space', async () => {
      await using(async (provider) => {
        const batch = await provider.encodeBatch(['a text', 'another text', 'a text']);
        const vectors = rows(batch);
        const { data, rows: count, columns } = provider.similarity(vectors, vectors);
        expect([count, columns]).toEqual([3, 3]);
        const [self = NaN, other = NaN, same = NaN] = data;
        expect(same).toBeCloseTo(self, 4);
        expect(other).toBeLessThan(self);
      });
    });

    it('rejects open calls with CLOSED when it is closed, and later ones, and may be closed twice', async () => {
      const provider = await make();
      const open = provider.encodeBatch(slowTexts);
      const settled = expect(open).rejects.toMatchObject({ code: 'CLOSED' });
      await Promise.all([provider.close(), provider.close()]);
      await settled;
      await provider.close();
      expect(provider.health().status).toBe('closed');
      await expect(provider.encode('a')).rejects.toMatchObject({ code: 'CLOSED' });
      await expect(provider.warmUp()).rejects.toMatchObject({ code: 'CLOSED' });
    });
  });
}

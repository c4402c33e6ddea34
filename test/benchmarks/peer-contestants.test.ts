import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import {
  type Golden,
  measureColdStarts,
  measureCorrectness,
  measureQueries,
  measureThroughput,
  type Programme,
} from '../../benchmarks/peers/conduct.js';
import { Seat } from '../../benchmarks/peers/seat.js';
import { loadModel } from '#src/index.js';

const ODD = fileURLToPath(new URL('odd-contestant.mjs', import.meta.url));
const ISOVEC = fileURLToPath(new URL('../../benchmarks/peers/adapters/isovec.mjs', import.meta.url));
const TINY = fileURLToPath(new URL('../fixtures/tiny/bert-mean', import.meta.url));
const TEXTS = ['one text', 'another one, longer', 'a third'];

function oddSeat(name: string, how: string): Seat {
  return new Seat(name, { program: process.execPath, args: [ODD] }, { how });
}

function isovecSeat(name: string): Seat {
  return new Seat(name, { program: process.execPath, args: [ISOVEC] }, { model: TINY });
}

function programmeOf(more: Partial<Programme> = {}): Programme & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    texts: { W1: TEXTS, W2: TEXTS, W3: TEXTS },
    query: 'a query',
    rounds: 2,
    turnSeconds: 1,
    log: (line) => lines.push(line),
    lines,
    ...more,
  };
}

async function goldenOf(texts: readonly string[]): Promise<Golden> {
  await using model = await loadModel(TINY);
  const batch = await model.encodeBatch(texts);
  const states = await model.tokenEmbeddings(texts);
  return {
    texts,
    expected: [...batch],
    expectedIds: texts.map(() => []),
    untruncatedLengths: texts.map(() => 1),
    maxSequenceLength: 128,
    firstToken: states.map(({ data }) => data.slice(0, model.dimensions)),
  };
}

describe('isovec as a contestant', () => {
  it('is measured in every part, each round on its own', async () => {
    const seat = isovecSeat('isovec');
    const programme = programmeOf();
    const rounds = await measureThroughput([seat], programme);
    expect(rounds).toHaveLength(2);
    expect(rounds[0]?.['isovec']).toMatchObject({ W1: { texts: 3 }, W2: { texts: 3 }, W3: { texts: 3 } });
    expect(rounds[0]?.['isovec']?.peakBytes).toBeGreaterThan(10e6);
    expect((await measureQueries([seat], programme))[1]?.['isovec']?.query?.count).toBeGreaterThan(0);
    expect((await measureColdStarts([seat], programme))[1]?.['isovec']?.coldStart).toBeGreaterThan(0);
    expect(seat.failure).toBeUndefined();
    expect(Object.keys(seat.versions).sort()).toEqual(['isovec', 'node']);
  });

  it('has exact vectors, and one whose vectors are of other texts has not', async () => {
    const golden = await goldenOf(TEXTS);
    const judged = await measureCorrectness([isovecSeat('isovec')], golden, programmeOf());
    expect(judged.get('isovec')).toMatchObject({ verdict: 'exact', texts: 3, reasons: [] });

    const shifted = { ...golden, texts: ['Quite another', ...TEXTS.slice(1)] };
    const wrong = await measureCorrectness([isovecSeat('isovec')], shifted, programmeOf());
    expect(wrong.get('isovec')?.verdict).not.toBe('exact');
  });
});

describe('a contestant that cannot go on', () => {
  it.each([
    ['cannot load', /'load' failed: Error: its model is not there/],
    ['fails', /'run' failed: TypeError: it does not know this text/],
    ['dies', /its process ended \(exit status 7\)/],
    ['hangs', /'run' had no answer within 3 s/],
  ])('that %s is told of, and the others go on', async (how, reason) => {
    const [bad, good] = [oddSeat('bad', how), oddSeat('good', 'well')];
    const programme = programmeOf({ rounds: 1, deadlineSeconds: 3 });
    const [round] = await measureThroughput([bad, good], programme);
    expect(bad.failure).toMatch(reason);
    expect(round?.['bad']).toBeUndefined();
    expect(round?.['good']?.W3?.texts).toBe(3);
    expect(programme.lines.some((line) => line.includes('bad') && line.includes('FAILED'))).toBe(true);
  });

  it('may not exist at all', async () => {
    const seat = new Seat('gone', { program: '/no/such/program', args: [] }, {});
    expect(await seat.turn(() => Promise.resolve(1))).toBeUndefined();
    expect(seat.failure).toMatch(/could not be started.*ENOENT/);
  });

  it('gives vectors of another number of dimensions, and they are wrong', async () => {
    const golden = await goldenOf(TEXTS);
    const judged = await measureCorrectness([oddSeat('odd', 'well')], golden, programmeOf());
    expect(judged.get('odd')?.verdict).toBe('wrong');
    expect(judged.get('odd')?.reasons[0]).toContain('3 of 3 vectors are missing or not finite');
  });
});

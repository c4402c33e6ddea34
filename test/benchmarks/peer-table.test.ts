import { describe, expect, it } from 'vitest';

import { markdownNotes, markdownTable, terminalTable } from '../../benchmarks/peers/peer-table.js';
import { appendResults, joinRounds, type PeerResults, resultsSchema } from '../../benchmarks/peers/results.js';
import { summarise } from '../../benchmarks/peers/summary.js';

const run = (texts: number, seconds: number): { texts: number; seconds: number } => ({ texts, seconds });
const RESULTS: PeerResults = {
  format: 1,
  command: 'npm run bench:peers',
  measuredOn: '2026-11-26',
  model: 'org/model',
  environment: { processor: 'A processor', cores: 2, memoryGib: 8, system: 'linux 6' },
  workloads: { source: 'generated, seed 31', counts: { W1: 100, W2: 10, W3: 10 }, query: 'a query' },
  contestants: [
    {
      name: 'isovec float32',
      what: 'isovec',
      versions: { isovec: '0.1.0' },
      correctness: { verdict: 'exact', texts: 3, maxError: 3.4e-7, meanCosine: 1, minCosine: 0.9999999, reasons: [] },
    },
    { name: 'sentence-transformers', what: 'torch', versions: {} },
    {
      name: 'a peer of a long name, sorted',
      what: 'a peer',
      versions: {},
      correctness: { verdict: 'wrong', texts: 3, maxError: 1, meanCosine: 0.92, minCosine: -0.5, reasons: ['Why.'] },
    },
    { name: 'absent', what: 'another', versions: {}, failure: 'could not be installed: no such package' },
  ],
  rounds: [
    {
      'isovec float32': { W1: run(100, 0.1), peakBytes: 250e6, query: { p50: 2, p99: 3, count: 9 }, coldStart: 150 },
      'sentence-transformers': { W1: run(100, 0.2) },
      'a peer of a long name, sorted': { W1: run(50, 1), longestBlock: 1234.5 },
    },
    { 'isovec float32': { W1: run(100, 0.4), peakBytes: 260e6 }, 'sentence-transformers': { W1: run(100, 1) } },
    { 'isovec float32': { W1: run(100, 0.2) } },
  ],
};

describe('the summary', () => {
  it('takes medians over rounds, and ratios within a round', () => {
    const [isovec, torch, peer, absent] = summarise(RESULTS);
    expect(isovec?.rates.W1).toEqual({ textsPerSecond: 500, ratio: 2.25, partly: false });
    expect(isovec).toMatchObject({ peakMegabytes: 255, queryP50: 2, queryP99: 3, coldStart: 150 });
    expect(torch?.rates.W1.ratio).toBe(1);
    expect(peer?.rates.W1).toMatchObject({ textsPerSecond: 50, partly: true });
    expect(peer?.rates.W2).toEqual({ textsPerSecond: undefined, ratio: undefined, partly: false });
    expect(absent?.failure).toContain('no such package');
  });
});

describe('the table', () => {
  it('has a row for everyone, says who is wrong and who is missing, and fits 100 columns', () => {
    const table = terminalTable(RESULTS);
    expect(table).toMatch(/^isovec float32 +500 +2\.25 .* exact 3e-7$/m);
    expect(table).toMatch(/^a peer of a long name, sorted +~50 .* 1235? .*WRONG \.920, min -\.500$/m);
    expect(table).toMatch(/^absent +- .* -$/m);
    expect(table).toContain('- absent (another): could not be installed: no such package.');
    expect(table).toContain('- a peer of a long name, sorted: Why.');
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });
});

describe('the table for a document', () => {
  it('has a row for everyone, isovec in bold, and keeps the notes apart', () => {
    const table = markdownTable(RESULTS);
    expect(table).toMatch(/^\| \*\*isovec float32\*\* \| \*\*500\*\* \| \*\*2\.25\*\* /m);
    expect(table).toMatch(/^\| sentence-transformers \| .* \| 1\.00 \| /m);
    expect(table).not.toContain('Why.');
    expect(markdownNotes(RESULTS)).toBe(
      '- a peer of a long name, sorted: Why.\n- absent (another): could not be installed: no such package.',
    );
  });
});

describe('the results file', () => {
  it('survives being written and read', () => {
    expect(resultsSchema.parse(JSON.parse(JSON.stringify(RESULTS)))).toEqual(RESULTS);
  });

  it('takes further rounds, and keeps what the newer run did not measure', () => {
    const newer = { ...RESULTS, contestants: [{ name: 'isovec float32', what: 'isovec', versions: { isovec: '2' } }] };
    const both = appendResults(RESULTS, newer);
    expect(both.rounds).toHaveLength(6);
    expect(both.contestants).toHaveLength(4);
    expect(both.contestants[0]).toMatchObject({ versions: { isovec: '2' }, correctness: { verdict: 'exact' } });
  });

  it('takes no rounds of another machine or other texts', () => {
    const elsewhere = { ...RESULTS, environment: { ...RESULTS.environment, cores: 64 } };
    expect(() => appendResults(RESULTS, elsewhere)).toThrow('another environment');
  });

  it('joins parts of a run round by round', () => {
    const joined = joinRounds([{ a: { coldStart: 1 } }, {}], [{ a: { peakBytes: 2 }, b: { coldStart: 3 } }]);
    expect(joined).toEqual([{ a: { coldStart: 1, peakBytes: 2 }, b: { coldStart: 3 } }, {}]);
  });
});

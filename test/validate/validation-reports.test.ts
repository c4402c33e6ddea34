import { formatValidationReport, toMarkdown, type ValidationReport } from '#src/validate/index.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { validateModel } from '#src/validate/index.js';
import { temporaryFolder, tinyFolder } from './tiny-models.js';

const cache = temporaryFolder();
let report: ValidationReport;
let failed: ValidationReport;

beforeAll(async () => {
  report = await validateModel(tinyFolder('bert-mean'), { cache, threads: 1 });
  failed = {
    ...report,
    model: 'org/a_name|with*stars',
    revision: '0123456789abcdef0123456789abcdef01234567',
    reference: { kind: 'export', description: '3 vectors of "x.json"', versions: { torch: '2.15.0' } },
    cases: [1e-7, null, 3e-7].map((maxAbsError, row) => ({
      id: `row ${row}`,
      label: '',
      scenario: false,
      tokens: 32,
      untruncatedTokens: row === 0 ? 32 : 5032,
      truncated: row > 0,
      tokenIds: row === 0 ? 'same' : 'different',
      finite: maxAbsError !== null,
      bitIdentical: true,
      errors: [{ source: 'export', maxAbsError, meanAbsError: maxAbsError, cosine: 1, cosineDistance: 1e-13 }],
    })),
    checks: [
      { name: 'export/export', outcome: 'fail', detail: 'The vector of row 1 holds a value that is not finite.' },
      { name: 'token-ids', outcome: 'fail', detail: '2 of 3 texts have other token ids: row 1, row 2.' },
      { name: 'norm', outcome: 'skipped', detail: 'The model does not normalise its vectors.' },
    ],
    truncatedTexts: ['row 1', 'row 2'],
    verdict: 'fail',
    failedChecks: ['export/export', 'token-ids'],
  };
});

describe('a report for a terminal', () => {
  it('fits 80 columns, but for a path that is longer by itself', () => {
    for (const one of [report, failed]) {
      const text = formatValidationReport({ ...one, model: one.model.slice(0, 60) });
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
      expect(text).not.toMatch(/ $/m);
    }
  });

  it('has a line per scenario, the groups, the checks, the notes and the verdict', () => {
    const text = formatValidationReport(report);
    for (const { id, label } of report.cases) expect(text).toMatch(new RegExp(`^${id} +${label} +\\d+ `, 'm'));
    expect(text).toMatch(/^scenarios +own float64 +10 +\d\.\d\de-\d+ +1\.00e-6 /m);
    for (const { name, outcome } of report.checks) expect(text).toContain(`${outcome.padEnd(7)}  ${name}: `);
    expect(text).toMatch(/^note {5}The reference read/m);
    const cut = report.cases.find(({ truncated }) => truncated);
    expect(text).toMatch(new RegExp(`^${cut?.id ?? ''} .* 32 +-${(cut?.untruncatedTokens ?? 0) - 32} `, 'm'));
    expect(text.split('\n').at(-1)).toBe('PASS: 5 checks passed, 1 skipped');
  });

  it('lists the rows of an export from the worst on, and what failed', () => {
    const text = formatValidationReport(failed);
    expect(text.match(/^row \d/gm)).toEqual(['row 1', 'row 2', 'row 0']);
    expect(text).toMatch(/^row 1 +32 +-5000 +not finite +1\.00e-13 +differ$/m);
    expect(text).toContain('(torch 2.15.0)');
    expect(text.split('\n').at(-1)).toBe('FAIL: export/export, token-ids');
  });
});

describe('a report in Markdown', () => {
  it('holds the same figures in tables of even width', () => {
    const text = toMarkdown(report);
    const groups = report.groups.map(({ maxAbsError }) => maxAbsError?.toExponential(2) ?? '');
    for (const wanted of ['## Groups', '## Checks', '## Scenarios', ...groups]) expect(text).toContain(wanted);
    const tables = text.split('\n\n').filter((block) => block.startsWith('|'));
    expect(tables.length).toBe(3);
    for (const table of tables) {
      const cells = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(cells).size).toBe(1);
    }
  });

  it('escapes what a name could do to it', () => {
    const text = toMarkdown(failed);
    expect(text).toContain('# Validation of org/a\\_name\\|with\\*stars');
    expect(text).toContain('**FAIL: export/export, token-ids**');
    expect(text).toContain('Cut to the limit: row 1, row 2.');
  });
});

import {
  cosineFigure,
  cutFigure,
  figure,
  GROUP_NAMES,
  listedCases,
  SOURCE_NAMES,
  tokenIdsFigure,
  verdictLine,
  versionList,
} from './report-figures.js';
import type { ValidationReport } from './validation-report.js';

const WIDTH = 80;

/** A column: its heading and width. Numbers stand at the right edge. */
type Column = readonly [heading: string, width: number, align: 'left' | 'right'];

const CASE_COLUMNS: readonly Column[] = [
  ['text', 11, 'left'],
  ['kind', 16, 'left'],
  ['tokens', 6, 'right'],
  ['cut', 6, 'right'],
  ['max abs error', 13, 'right'],
  ['1 - cosine', 10, 'right'],
  ['ids', 6, 'left'],
];

const GROUP_COLUMNS: readonly Column[] = [
  ['group', 10, 'left'],
  ['against', 14, 'left'],
  ['texts', 6, 'right'],
  ['max abs', 8, 'right'],
  ['limit', 8, 'right'],
  ['mean abs', 8, 'right'],
  ['min cosine', 14, 'right'],
];

/**
 * A validation report for a terminal of 80 columns: a line per scenario (of an export, the texts with the largest
 * errors), the groups, the checks and the verdict. Plain text without a line end.
 */
export function formatValidationReport(report: ValidationReport): string {
  const { model, revision, reference, versions, timings } = report;
  const made = versionList(reference.versions);
  const lines = [
    ...wrap(`Validation of ${model}${revision === null ? '' : ` at ${revision}`}`, ''),
    ...wrap(`Against ${reference.description}${made === '' ? '' : ` (${made})`}.`, ''),
    '',
    heading(CASE_COLUMNS),
    ...listedCases(reference.kind, report.cases).map((one) => {
      const [error] = one.errors;
      return row(CASE_COLUMNS, [
        one.id,
        one.label,
        String(one.tokens),
        cutFigure(one),
        figure(error?.maxAbsError),
        figure(error?.cosineDistance),
        tokenIdsFigure(one),
      ]);
    }),
    '',
    heading(GROUP_COLUMNS),
    ...report.groups.map((group) =>
      row(GROUP_COLUMNS, [
        GROUP_NAMES[group.group],
        SOURCE_NAMES[group.source],
        String(group.texts),
        figure(group.maxAbsError),
        figure(group.limit),
        figure(group.meanAbsError),
        cosineFigure(group.minCosine),
      ]),
    ),
    '',
    ...report.checks.flatMap(({ name, outcome, detail }) =>
      wrap(`${outcome.padEnd(7)}  ${name}: ${detail}`, ' '.repeat(9)),
    ),
    ...report.notes.flatMap((note) => wrap(`note     ${note}`, ' '.repeat(9))),
    '',
    ...wrap(
      `isovec ${versions.isovec}, Node ${versions.node}, ${versions.platform}, ${report.threads} ${report.threads === 1 ? 'thread' : 'threads'}; loaded in ${seconds(timings.load)}, embedded in ${seconds(timings.embed)}, ${seconds(timings.total)} in all`,
      '',
    ),
    verdictLine(report),
  ];
  return lines.join('\n');
}

function heading(columns: readonly Column[]): string {
  return row(
    columns,
    columns.map(([name]) => name),
  );
}

/** Cells in their columns. A cell that is too long is kept whole where it would otherwise lose digits. */
function row(columns: readonly Column[], cells: readonly string[]): string {
  return columns
    .map(([, width, align], index) => {
      const cell = cells[index] ?? '';
      return align === 'right' ? cell.padStart(width) : cell.slice(0, width).padEnd(width);
    })
    .join('  ')
    .trimEnd();
}

/** Lines of at most 80 columns, all but the first behind `indent`; a word that is longer has a line of its own. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= WIDTH || line.trim() === '') line = longer;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

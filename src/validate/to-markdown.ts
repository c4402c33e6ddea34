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

/** A validation report as a Markdown document, with the contents of the report for terminals. */
export function toMarkdown(report: ValidationReport): string {
  const { model, revision, reference, versions } = report;
  const made = versionList(reference.versions);
  const lines = [
    `# Validation of ${plain(model)}`,
    '',
    `**${plain(verdictLine(report))}**`,
    '',
    `- Revision: ${plain(revision ?? 'none')}`,
    `- Reference: ${plain(reference.description)}`,
    ...(made === '' ? [] : [`- Made with: ${plain(made)}`]),
    `- Computed by: isovec ${plain(versions.isovec)}, Node ${plain(versions.node)}, ${plain(versions.platform)}, ${plain(versions.processor)}`,
    `- Space: ${report.space.fingerprint}`,
    '',
    '## Groups',
    '',
    ...table(
      ['group', 'against', 'texts', 'max abs error', 'limit', 'mean abs error', 'min cosine', 'worst text'],
      report.groups.map((group) => [
        GROUP_NAMES[group.group],
        SOURCE_NAMES[group.source],
        String(group.texts),
        figure(group.maxAbsError),
        figure(group.limit),
        figure(group.meanAbsError),
        cosineFigure(group.minCosine),
        group.worstText,
      ]),
    ),
    '',
    '## Checks',
    '',
    ...table(
      ['check', 'outcome', 'detail'],
      report.checks.map(({ name, outcome, detail }) => [name, outcome, detail]),
    ),
    '',
    reference.kind === 'export' ? '## Largest errors' : '## Scenarios',
    '',
    ...table(
      ['text', 'kind', 'tokens', 'cut', 'max abs error', '1 - cosine', 'token ids'],
      listedCases(reference.kind, report.cases).map((one) => [
        one.id,
        one.label,
        String(one.tokens),
        cutFigure(one),
        figure(one.errors[0]?.maxAbsError),
        figure(one.errors[0]?.cosineDistance),
        tokenIdsFigure(one),
      ]),
    ),
    '',
    ...(report.truncatedTexts.length === 0
      ? []
      : [`Cut to the limit: ${report.truncatedTexts.map(plain).join(', ')}.`, '']),
    ...report.notes.flatMap((note) => [plain(note), '']),
  ];
  return lines.join('\n');
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  return [line(heading), `|${' --- |'.repeat(heading.length)}`, ...rows.map(line)];
}

/** Names come from files and command lines; what Markdown gives a meaning is escaped. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, '\\$&');
}

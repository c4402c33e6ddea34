import { formatFigure } from '../../bench/format-figure.js';
import { describeLoad } from '../../bench/load/load-shape.js';
import type { NamedReport } from '../../bench/report/report-plots.js';
import { readReport } from '../../bench/report/read-report.js';
import { resolveOutputFile } from '../../jobs/output-file.js';
import type { CommandContext } from '../command-context.js';
import { writeTextFile } from '../output/write-text-file.js';
import { fitText, padAfter, padBefore } from '../text/fit-text.js';
import { printableText } from '../text/printable-text.js';
import { wrapText } from '../text/wrap-text.js';

const FIGURE_COLUMNS = 10;
const LOAD_COLUMNS = 14;

/** Sets results of earlier benchmarks beside each other: a table, and with `html` a page with plots. */
export async function compareReports(
  files: readonly string[],
  html: string | undefined,
  { json, output, style, columns, talk }: CommandContext,
): Promise<void> {
  const target = html === undefined ? undefined : await resolveOutputFile(html);
  const reports: NamedReport[] = [];
  for (const file of files) reports.push(await readReport(file));
  // Files of one name in several folders are told apart by their paths.
  const names = new Set(reports.map(({ name }) => name));
  const told =
    names.size === reports.length ? reports : reports.map((one, i) => ({ ...one, name: files[i] ?? one.name }));
  for (const note of differences(told)) talk.warn(note);
  if (target !== undefined) {
    const { toHtml } = await import('../../bench/report/to-html.js');
    await writeTextFile(target, await toHtml(told));
  }
  if (json) {
    await output.json({ reports: told });
    return;
  }
  for (const line of table(told, columns, style.bold)) await output.line(line);
}

/** What keeps the figures of some results from being compared. */
function differences(reports: readonly NamedReport[]): string[] {
  const [first, ...others] = reports;
  return others.flatMap(({ name, report }) => {
    const left = first?.report;
    return [
      ...(left?.workload.digest === report.workload.digest
        ? []
        : [`${name} embedded other texts than ${first?.name ?? ''}: the figures cannot be compared.`]),
      ...(left?.environment.processor === report.environment.processor
        ? []
        : [`${name} was measured on another processor: ${report.environment.processor}.`]),
    ];
  });
}

function table(reports: readonly NamedReport[], columns: number, bold: (text: string) => string): string[] {
  const nameColumns = Math.max(8, columns - LOAD_COLUMNS - 4 * FIGURE_COLUMNS);
  const heading = ['texts/s', 'ratio', 'P50 ms', 'P95 ms'].map((text) => padBefore(text, FIGURE_COLUMNS)).join('');
  const parts = [...new Set(reports.flatMap(({ report }) => report.measurements.map(({ part }) => part)))];
  return parts
    .flatMap((part) => {
      const rows = reports.flatMap(({ name, report }) =>
        report.measurements.filter((one) => one.part === part).map((one) => ({ name, one })),
      );
      const rateOfFirst = (load: string): number | undefined =>
        rows.find(({ one }) => describeLoad(one.load) === load)?.one.textsPerSecond;
      return [
        bold(
          `${padAfter(fitText(printableText(part), nameColumns - 1), nameColumns)}${padAfter('load', LOAD_COLUMNS)}${heading}`,
        ),
        ...rows.map(({ name, one }) => {
          const load = describeLoad(one.load);
          const base = rateOfFirst(load);
          const ratio = base === undefined || base === 0 ? '-' : (one.textsPerSecond / base).toFixed(2);
          const figures = [
            formatFigure(one.textsPerSecond),
            ratio,
            one.latency === null ? '-' : formatFigure(one.latency.p50),
            one.latency === null ? '-' : formatFigure(one.latency.p95),
          ];
          return `${padAfter(fitText(printableText(name), nameColumns - 1), nameColumns)}${padAfter(load, LOAD_COLUMNS)}${figures.map((text) => padBefore(text, FIGURE_COLUMNS)).join('')}`;
        }),
        '',
      ];
    })
    .concat(wrapText('Ratios of throughput are to the first result with the same load.', columns).split('\n'));
}

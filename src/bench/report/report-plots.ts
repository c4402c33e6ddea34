import { describeLoad } from '../load/load-shape.js';
import { type Bar, type BarPlot, barPlot } from '../plots/bar-plot.js';
import { type LinePlot, linePlot, type LineSeries } from '../plots/line-plot.js';
import type { BenchReport, Measurement } from './bench-report.js';

/** A report with the name by which a comparison tells it from others. */
export interface NamedReport {
  readonly name: string;
  readonly report: BenchReport;
}

/** One plot in two widths: for a page and for a telephone. SVG texts. */
export interface ReportPlot {
  readonly wide: string;
  readonly narrow: string;
}

const WIDTHS = { wide: 720, narrow: 350 } as const;
/** Lines that can be told apart. */
const MOST_SERIES = 6;

/** Everything that can be drawn of some reports; what they did not measure is left out. PACKAGE_MISSING. */
export async function reportPlots(reports: readonly NamedReport[]): Promise<ReportPlot[]> {
  const lines = [latencyPlot(reports), concurrencyPlot(reports), lengthPlot(reports)];
  const bars = reports.length > 1 ? comparisonPlots(reports) : [];
  const plots: ReportPlot[] = [];
  for (const plot of bars) plots.push(await inBothWidths((width) => barPlot({ ...plot, width })));
  for (const plot of lines) {
    if (plot !== undefined) plots.push(await inBothWidths((width) => linePlot({ ...plot, width })));
  }
  return plots;
}

async function inBothWidths(draw: (width: number) => Promise<string>): Promise<ReportPlot> {
  return { wide: await draw(WIDTHS.wide), narrow: await draw(WIDTHS.narrow) };
}

/** How many calls of each measurement took at most so long. */
function latencyPlot(reports: readonly NamedReport[]): LinePlot | undefined {
  const series = labelled(reports)
    .flatMap(({ label, one }): LineSeries[] => {
      const points = (one.latency?.quantiles ?? []).filter(([, milliseconds]) => milliseconds > 0);
      return points.length === 0
        ? []
        : [{ name: label, points: points.map(([share, at]) => [at, 100 * share] as const) }];
    })
    .slice(0, MOST_SERIES);
  if (series.length === 0) return undefined;
  return {
    title: 'Latency distribution',
    subtitle: 'Percent of the calls that took at most so long',
    x: { title: 'milliseconds', logarithmic: true },
    y: { title: 'percent of calls' },
    series,
    steps: true,
  };
}

/** Texts a second against calls at a time, for parts that were measured with several. */
function concurrencyPlot(reports: readonly NamedReport[]): LinePlot | undefined {
  const series = seriesByPart(reports, ({ load, textsPerSecond }) =>
    load.kind === 'closed' ? [load.concurrency, textsPerSecond] : undefined,
  );
  if (series.length === 0) return undefined;
  const ticks = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  return {
    title: 'Throughput against concurrency',
    x: { title: 'calls at a time', logarithmic: true, ticks, format: 'd' },
    y: { title: 'texts a second' },
    series: series.slice(0, MOST_SERIES),
    dots: true,
  };
}

/** Median milliseconds a text against its tokens, where parts of a workload differ in length. */
function lengthPlot(reports: readonly NamedReport[]): LinePlot | undefined {
  const series = reports.flatMap(({ name, report }): LineSeries[] => {
    const single = report.measurements.filter(
      ({ load, texts, calls, failed }) =>
        load.kind === 'closed' && load.concurrency === 1 && texts > 0 && texts === calls - failed,
    );
    const points = single.flatMap(({ tokens, texts, latency }): (readonly [number, number])[] =>
      tokens === null || latency === null ? [] : [[tokens / texts, latency.p50]],
    );
    if (points.length < 3) return [];
    return [{ name: reports.length > 1 ? name : 'one text', points: points.sort(([a], [b]) => a - b) }];
  });
  if (series.length === 0) return undefined;
  return {
    title: 'Cost against length',
    subtitle: 'Median latency of a call with one text, one call at a time',
    x: { title: 'tokens of a text (mean)' },
    y: { title: 'milliseconds' },
    series: series.slice(0, MOST_SERIES),
    dots: true,
  };
}

/** The same measurement of several reports beside each other. */
function comparisonPlots(reports: readonly NamedReport[]): BarPlot[] {
  const groups = (figure: (one: Measurement) => number | undefined) => {
    const byHeading = new Map<string, Bar[]>();
    reports.forEach(({ name, report }, index) => {
      for (const one of report.measurements) {
        const value = figure(one);
        if (value === undefined) continue;
        const heading = `${one.part}, ${describeLoad(one.load)}`;
        const bars = byHeading.get(heading) ?? [];
        bars.push({
          label: name,
          value,
          accent: index === 0,
          ...(one.failed > 0 ? { note: `${one.failed} failed` } : {}),
        });
        byHeading.set(heading, bars);
      }
    });
    return [...byHeading].map(([heading, bars]) => ({ heading, bars }));
  };
  return [
    { title: 'Texts a second', subtitle: 'More is better', groups: groups(({ textsPerSecond }) => textsPerSecond) },
    { title: 'P95 of a call, milliseconds', subtitle: 'Less is better', groups: groups(({ latency }) => latency?.p95) },
  ].filter(({ groups: some }) => some.length > 0);
}

/** Of several reports only the first measurements of each, so that every report is among the lines. */
function labelled(reports: readonly NamedReport[]): { label: string; one: Measurement }[] {
  const most = Math.max(1, Math.floor(MOST_SERIES / reports.length));
  return reports.flatMap(({ name, report }) =>
    report.measurements.slice(0, most).map((one) => ({
      label: `${reports.length > 1 ? `${name}: ` : ''}${one.part}, ${describeLoad(one.load)}`,
      one,
    })),
  );
}

/** A line for each part with at least two points. */
function seriesByPart(
  reports: readonly NamedReport[],
  pointOf: (one: Measurement) => readonly [number, number] | undefined,
): LineSeries[] {
  const byName = new Map<string, (readonly [number, number])[]>();
  for (const { name, report } of reports) {
    for (const one of report.measurements) {
      const point = pointOf(one);
      if (point === undefined) continue;
      const label = reports.length > 1 ? `${name}: ${one.part}` : one.part;
      byName.set(label, [...(byName.get(label) ?? []), point]);
    }
  }
  return [...byName]
    .filter(([, points]) => points.length > 1)
    .map(([name, points]) => ({ name, points: points.sort(([a], [b]) => a - b) }));
}

import { formatFigure } from '../../bench/format-figure.js';
import { describeLoad } from '../../bench/load/load-shape.js';
import type { BenchReport, Measurement } from '../../bench/report/bench-report.js';
import type { SlaVerdict } from '../../bench/sla/judge-sla.js';
import { fitText, padAfter, padBefore } from '../text/fit-text.js';
import { formatCount } from '../text/format-count.js';
import { formatBytes } from '../text/format-bytes.js';
import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';
import { wrapText } from '../text/wrap-text.js';

/** How a table is set. */
export interface BenchTableOptions {
  readonly columns: number;
  readonly style: Style;
}

const PART_COLUMNS = 11;
const LOAD_COLUMNS = 13;

/** A column of figures: its heading, its width, and what stands in it. */
type FigureColumn = readonly [heading: string, columns: number, figure: (one: Measurement) => string];

const SPEED: readonly FigureColumn[] = [
  ['calls', 7, ({ calls }) => formatCount(calls)],
  ['P50 ms', 8, ({ latency }) => figureOf(latency?.p50)],
  ['P95', 7, ({ latency }) => figureOf(latency?.p95)],
  ['P99', 7, ({ latency }) => figureOf(latency?.p99)],
  ['max', 7, ({ latency }) => figureOf(latency?.max)],
  ['texts/s', 9, ({ textsPerSecond }) => figureOf(textsPerSecond)],
  ['tokens/s', 10, ({ tokensPerSecond }) => figureOf(tokensPerSecond ?? undefined)],
];

const COST: readonly FigureColumn[] = [
  ['failed', 7, ({ failed }) => formatCount(failed)],
  ['warm-up', 9, ({ warmUp }) => (warmUp === null ? '-' : formatCount(warmUp.calls))],
  ['loop P99', 10, ({ process }) => figureOf(process.eventLoopDelay.p99)],
  ['max ms', 7, ({ process }) => figureOf(process.eventLoopDelay.max)],
  ['MB', 6, ({ process }) => megabytes(process.memory.start)],
  ['peak', 5, ({ process }) => megabytes(process.memory.peak)],
  ['end', 5, ({ process }) => megabytes(process.memory.end)],
  ['CPU', 6, ({ process }) => process.cpuCores.toFixed(2)],
];

/** The result of a benchmark as lines of text for a terminal. */
export function benchTable(report: BenchReport, { columns, style }: BenchTableOptions): string[] {
  const { target, environment, workload, measurements, check } = report;
  const told = (text: string, indent = ''): string[] => wrapText(printableText(text), columns, indent).split('\n');
  const server = target.kind !== 'library';
  const { before, after } = environment.loadAverage;
  const failures = measurements.flatMap(({ part, load, failures: kinds }) =>
    kinds.map(({ kind, count, message }) => `${part}, ${describeLoad(load)}: ${count} x ${kind}. ${message}`),
  );
  const late = measurements.flatMap(({ part, load, lateness }) =>
    lateness === null ? [] : [`${part}, ${describeLoad(load)}: P99 ${formatFigure(lateness.p99)} ms`],
  );
  return [
    style.bold(fitText(printableText(subject(report)), columns)),
    ...told(
      `${environment.processor}, ${environment.cores} ${environment.cores === 1 ? 'core' : 'cores'}, ${formatBytes(environment.memoryBytes)}; ${environment.os}, Node ${environment.node}; load average ${before.toFixed(1)}, after it ${after.toFixed(1)}`,
    ),
    ...told(
      `Workload ${workload.name}${workload.seed === null ? '' : `, seed ${workload.seed}`}, digest ${workload.digest.slice(0, 12)}`,
    ),
    '',
    ...table(measurements, SPEED, columns, style),
    '',
    ...table(measurements, COST, columns, style),
    ...(server ? told('Event loop, memory and CPU are those of this process, which sends the calls.') : []),
    ...(late.length === 0
      ? []
      : ['', ...told(`Calls were sent late, which is part of their latency: ${late.join('; ')}.`)]),
    ...(failures.length === 0 ? [] : ['', ...failures.flatMap((line) => told(line, '  ').map(style.red))]),
    ...(check === null ? [] : ['', ...mark(check.passed, told(check.detail, '        '), style)]),
    ...slaLines(report, style, columns),
  ];
}

/** What was measured, in one line. */
function subject({ target, environment }: BenchReport): string {
  const { kind, model, url, dtype, threads } = target;
  return kind === 'library'
    ? `${model}, ${dtype ?? ''}, ${threads ?? 0} ${threads === 1 ? 'thread' : 'threads'}, isovec ${environment.isovec}`
    : `${url ?? ''} (${kind})`;
}

function table(
  measurements: readonly Measurement[],
  figures: readonly FigureColumn[],
  columns: number,
  style: Style,
): string[] {
  // A narrow terminal gets the first of the figures; the others are in the result.
  let used = PART_COLUMNS + LOAD_COLUMNS;
  const shown = figures.filter(([, width]) => (used += width) <= columns);
  const heading = shown.map(([name, width]) => padBefore(name, width)).join('');
  return [
    style.bold(`${padAfter('part', PART_COLUMNS)}${padAfter('load', LOAD_COLUMNS)}${heading}`),
    ...measurements.map((one) => {
      const name = padAfter(fitText(printableText(one.part), PART_COLUMNS - 1), PART_COLUMNS);
      const load = padAfter(fitText(describeLoad(one.load), LOAD_COLUMNS - 1), LOAD_COLUMNS);
      return `${name}${load}${shown.map(([, width, figure]) => padBefore(figure(one), width)).join('')}`;
    }),
  ];
}

function slaLines({ slas }: BenchReport, style: Style, columns: number): string[] {
  // That no call failed goes without saying unless somebody asked, or some did.
  const told = slas.filter(({ sla, passed }) => sla !== 'errors=0' || !passed);
  if (told.length === 0) return [];
  const scope = told.find(
    ({ passed, sla, part }) => !passed && !sla.includes(':') && slas.some((one) => one.part !== part),
  );
  return [
    '',
    ...told.flatMap((one) => {
      const text = `${printableText(one.part)}, ${one.load}: ${slaFigure(one)}, asked for ${one.sla}`;
      return mark(one.passed, wrapText(text, columns - 8).split('\n'), style);
    }),
    ...(scope === undefined
      ? []
      : wrapText(`A limit can be about one part alone: --sla ${scope.part}:${scope.sla}`, columns).split('\n')),
  ];
}

function slaFigure({ metric, value, limit }: SlaVerdict): string {
  if (value === null) return 'no call was answered';
  if (metric === 'throughput') return `${formatFigure(value)} texts/s`;
  if (metric === 'errors') {
    return Number.isInteger(value) && (limit === 0 || limit >= 1)
      ? `${value} failed`
      : `${formatFigure(value * 100)}% failed`;
  }
  return `${metric} ${formatFigure(value)} ms`;
}

function mark(passed: boolean, lines: readonly string[], style: Style): string[] {
  return lines.map((line, index) => {
    if (index > 0) return `        ${line.trimStart()}`;
    return `${passed ? style.green('ok      ') : style.red('FAILED  ')}${line}`;
  });
}

function figureOf(value: number | undefined): string {
  return value === undefined ? '-' : formatFigure(value);
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1e6));
}

import { formatFigure } from '../format-figure.js';
import { describeLoad } from '../load/load-shape.js';
import type { BenchReport, Measurement } from './bench-report.js';
import { type NamedReport, reportPlots } from './report-plots.js';

/** No script, no address, nothing from elsewhere: the policy says so to the browser, too. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--faint:#59636e;--line:#d9dee3;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--faint:#9aa4af;--line:#30363d;--bad:#ff8a80}}
body{margin:0 auto;max-width:46rem;padding:1rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","Liberation Sans",sans-serif}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.15rem;margin-top:2rem;overflow-wrap:anywhere}
p{margin:.4rem 0;color:var(--faint);overflow-wrap:anywhere}.bad{color:var(--bad)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--line)}
th:nth-child(-n+2),td:nth-child(-n+2){text-align:left}th{color:var(--faint);font-weight:normal}
figure{margin:1.5rem 0}svg{display:block;max-width:100%;height:auto}.narrow{display:none}
@media (max-width:560px){.wide{display:none}.narrow{display:block}}
`;

const COLUMNS: readonly (readonly [heading: string, cell: (one: Measurement) => string])[] = [
  ['part', ({ part }) => part],
  ['load', ({ load }) => describeLoad(load)],
  ['calls', ({ calls }) => String(calls)],
  ['failed', ({ failed }) => String(failed)],
  ['P50 ms', ({ latency }) => figure(latency?.p50)],
  ['P95 ms', ({ latency }) => figure(latency?.p95)],
  ['P99 ms', ({ latency }) => figure(latency?.p99)],
  ['max ms', ({ latency }) => figure(latency?.max)],
  ['texts/s', ({ textsPerSecond }) => figure(textsPerSecond)],
  ['tokens/s', ({ tokensPerSecond }) => figure(tokensPerSecond ?? undefined)],
  ['loop P99 ms', ({ process }) => figure(process.eventLoopDelay.p99)],
  ['peak MB', ({ process }) => figure(process.memory.peak / 1e6)],
  ['CPU cores', ({ process }) => process.cpuCores.toFixed(2)],
];

/**
 * A page with plots and tables of one report, or of several beside each other. It stands alone: no script, no requests,
 * light or dark as the reader prefers, readable on a telephone. PACKAGE_MISSING without vega and vega-lite.
 */
export async function toHtml(reports: readonly NamedReport[]): Promise<string> {
  const plots = await reportPlots(reports);
  const title = reports.length === 1 ? 'isovec benchmark' : `isovec benchmark: ${reports.length} results`;
  const figures = plots.map(
    ({ wide, narrow }) =>
      `<figure><div class="wide">${wide}</div><div class="narrow" aria-hidden="true">${narrow}</div></figure>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title><style>${STYLE}</style></head><body>`,
    `<h1>${title}</h1>`,
    ...figures,
    ...reports.map((one) => section(one, reports.length > 1)),
    '</body></html>\n',
  ].join('\n');
}

function section({ name, report }: NamedReport, named: boolean): string {
  const { target, environment, workload, check, slas, notes } = report;
  const { before, after } = environment.loadAverage;
  const rows = report.measurements.map(
    (one) => `<tr>${COLUMNS.map(([, cell]) => `<td>${escaped(cell(one))}</td>`).join('')}</tr>`,
  );
  return [
    `<h2>${escaped(named ? name : subject(report))}</h2>`,
    ...(named ? [paragraph(subject(report))] : []),
    paragraph(
      `${environment.processor}, ${environment.cores} cores, ${formatFigure(environment.memoryBytes / 1e9)} GB; ${environment.os}, Node ${environment.node}, isovec ${environment.isovec}, ONNX Runtime ${environment.onnxruntime ?? 'none'}; load average ${before.toFixed(1)}, after it ${after.toFixed(1)}.`,
    ),
    paragraph(
      `Workload ${workload.name}${workload.seed === null ? '' : `, seed ${workload.seed}`}, digest ${workload.digest.slice(0, 12)}. Begun ${report.begun}.`,
    ),
    ...(target.checkpoint === undefined ? [] : [paragraph(`Weights ${target.checkpoint.slice(0, 12)}.`)]),
    '<div class="scroll" tabindex="0"><table><thead><tr>',
    COLUMNS.map(([heading]) => `<th scope="col">${heading}</th>`).join(''),
    `</tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
    ...(check === null ? [] : [paragraph(check.detail, !check.passed)]),
    // That no call failed goes without saying unless somebody asked, or some did.
    ...slas
      .filter(({ sla, passed }) => sla !== 'errors=0' || !passed)
      .map((one) => {
        const verdict = one.passed ? 'kept' : 'not kept';
        return paragraph(`${one.sla}: ${verdict} by ${one.part}, ${one.load}.`, !one.passed);
      }),
    ...notes.map((note) => paragraph(note)),
  ].join('\n');
}

function subject({ target }: BenchReport): string {
  const { kind, model, url, dtype, threads } = target;
  const parts = [model, dtype, threads === undefined ? undefined : `${threads} threads`];
  return kind === 'library' ? parts.filter(Boolean).join(', ') : `${url ?? ''} (${kind})`;
}

function paragraph(text: string, isBad = false): string {
  return `<p${isBad ? ' class="bad"' : ''}>${escaped(text)}</p>`;
}

function figure(value: number | undefined): string {
  return value === undefined ? '-' : formatFigure(value);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

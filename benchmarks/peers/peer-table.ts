import type { Correctness, PeerResults } from './results.js';
import { type PeerSummary, summarise } from './summary.js';

const COLUMNS: readonly (readonly [heading: string, cell: (row: PeerSummary) => string])[] = [
  ['', ({ name }) => name],
  ['W1', ({ rates }) => rate(rates.W1)],
  ['x ST', ({ rates }) => fixed(rates.W1.ratio, 2)],
  ['W2', ({ rates }) => rate(rates.W2)],
  ['W3', ({ rates }) => rate(rates.W3)],
  ['MB', ({ peakMegabytes }) => fixed(peakMegabytes, 0)],
  ['block', ({ longestBlock }) => fixed(longestBlock, 0)],
  ['P50', ({ queryP50 }) => fixed(queryP50, 1)],
  ['P99', ({ queryP99 }) => fixed(queryP99, 1)],
  ['cold', ({ coldStart }) => fixed(coldStart, 0)],
  ['vectors', ({ correctness }) => verdict(correctness)],
];

/** What the columns mean, a line each. */
const LEGEND = [
  'W1, W2, W3: texts per second, median of the rounds; ~ not all texts ran, for the sake of time',
  "x ST: times sentence-transformers' W1 (torch, float32) in the same round, median",
  'MB: peak resident memory after W1. block: longest time the event loop stood still, ms',
  'P50, P99: one short query after another, ms. cold: process start to first vector, ms',
  'vectors: against the stored float32 vectors of sentence-transformers',
];

/** The table for a terminal, at most 100 columns wide, with its legend and notes. */
export function terminalTable(results: PeerResults): string {
  const rows = summarise(results);
  const cells = rows.map((row) => COLUMNS.map(([, cell]) => cell(row)));
  const headings = COLUMNS.map(([heading]) => heading);
  const widths = headings.map((heading, at) => Math.max(heading.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        return at === 0 || at === row.length - 1 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(' ')
      .trimEnd();
  return [
    ...wrapped(headline(results), 100),
    '',
    line(headings),
    ...cells.map(line),
    '',
    ...LEGEND,
    ...notes(results).flatMap((note) => wrapped(`- ${note}`, 100)),
  ].join('\n');
}

/** The same table in Markdown, with its legend; isovec's rows stand out. */
export function markdownTable(results: PeerResults): string {
  const rows = summarise(results);
  const table = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `${headline(results)}.`,
    '',
    table(COLUMNS.map(([heading]) => heading)),
    table(COLUMNS.map((_, at) => (at === 0 || at === COLUMNS.length - 1 ? '---' : '--:'))),
    ...rows.map((row) =>
      table(COLUMNS.map(([, cell]) => (row.name.startsWith('isovec') ? bold(cell(row)) : cell(row)))),
    ),
    '',
    `${LEGEND.map((text) => text.charAt(0).toUpperCase() + text.slice(1)).join('. ')}.`,
  ].join('\n');
}

/** What the figures alone would hide, as a Markdown list. */
export function markdownNotes(results: PeerResults): string {
  return notes(results)
    .map((note) => `- ${note}`)
    .join('\n');
}

function headline({ environment, model, rounds, workloads, measuredOn }: PeerResults): string {
  const { processor, cores, memoryGib, system } = environment;
  const { W1, W2, W3 } = workloads.counts;
  return [
    `${model} on ${processor}, ${cores} cores, ${memoryGib} GiB, ${system}`,
    `${rounds.length} ${rounds.length === 1 ? 'round' : 'rounds'} of W1 (${W1} texts), W2 (${W2}), W3 (${W3}); texts ${workloads.source}`,
    measuredOn,
  ].join('; ');
}

/** What the figures alone would hide: why vectors differ, who could not take part. */
function notes({ contestants }: PeerResults): string[] {
  return contestants.flatMap(({ name, failure, correctness, what }) => [
    ...(failure === undefined ? [] : [`${name} (${what}): ${failure}.`]),
    ...(correctness?.reasons ?? []).map((reason) => `${name}: ${reason}`),
  ]);
}

function rate({ textsPerSecond, partly }: PeerSummary['rates']['W1']): string {
  if (textsPerSecond === undefined) return '-';
  return `${partly ? '~' : ''}${textsPerSecond.toFixed(textsPerSecond < 10 ? 1 : 0)}`;
}

function verdict(correctness: Correctness | undefined): string {
  if (correctness === undefined) return '-';
  const { verdict: kind, maxError, meanCosine, minCosine } = correctness;
  const cosine = `${short(meanCosine)}, min ${short(minCosine)}`;
  return { exact: `exact ${maxError.toExponential(0)}`, near: cosine, wrong: `WRONG ${cosine}` }[kind];
}

/** A cosine without its leading zero; never rounded up to 1. */
function short(cosine: number): string {
  const digits = cosine > 0.9995 ? 5 : 3;
  const cut = Math.floor(cosine * 10 ** digits) / 10 ** digits;
  return cut.toFixed(digits).replace(/^(-?)0/, '$1');
}

function fixed(value: number | undefined, digits: number): string {
  return value === undefined ? '-' : value.toFixed(digits);
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines;
}

function bold(text: string): string {
  return text === '-' ? text : `**${text}**`;
}

import { emphasiseScore } from '../text/emphasise-score.js';
import { fitText, padBefore } from '../text/fit-text.js';
import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';

/** A vector that was found. */
export interface FoundRow {
  /** Row of the file of vectors, from 1. */
  readonly row: number;
  readonly score: number;
  readonly text: string | undefined;
}

/** How {@link searchTable} is set. */
export interface SearchTableOptions {
  readonly columns: number;
  readonly style: Style;
  /** Whether scores lie between -1 and 1, so that high ones can be pointed out. */
  readonly bounded: boolean;
}

/** Least columns for a text, however narrow the terminal is. */
const LEAST_TEXT_COLUMNS = 10;

/** What was found as lines of text, best first: rank, score, row and, where there are texts, as much as fits of each. */
export function searchTable(found: readonly FoundRow[], { columns, style, bounded }: SearchTableOptions): string[] {
  const scores = found.map(({ score }) => (bounded ? score.toFixed(3) : score.toPrecision(4)));
  const rankColumns = String(found.length).length;
  const scoreColumns = Math.max('score'.length, ...scores.map((score) => score.length));
  const rowColumns = Math.max('row'.length, ...found.map(({ row }) => String(row).length));
  const used = rankColumns + scoreColumns + rowColumns + 6;
  const textColumns = Math.max(LEAST_TEXT_COLUMNS, columns - used);
  const hasTexts = found.some(({ text }) => text !== undefined);
  const head = [padBefore('#', rankColumns), padBefore('score', scoreColumns), padBefore('row', rowColumns)];
  const lines = found.map(({ row, score, text }, index) => {
    const cell = padBefore(scores[index] ?? '', scoreColumns);
    const cells = [
      padBefore(String(index + 1), rankColumns),
      bounded ? emphasiseScore(cell, score, style) : cell,
      padBefore(String(row), rowColumns),
    ];
    return (text === undefined ? cells : [...cells, fitText(printableText(text), textColumns)]).join('  ');
  });
  return [style.bold((hasTexts ? [...head, 'text'] : head).join('  ')), ...lines];
}

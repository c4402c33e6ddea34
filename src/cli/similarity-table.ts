import type { SimilarityMatrix } from '../vector/index.js';
import { displayWidth } from './text/display-width.js';
import { emphasiseScore } from './text/emphasise-score.js';
import { fitText, padAfter, padBefore } from './text/fit-text.js';
import { printableText } from './text/printable-text.js';
import type { Style } from './text/style.js';
import { wrapText } from './text/wrap-text.js';

/** How {@link similarityTable} is set. */
export interface SimilarityTableOptions {
  readonly columns: number;
  readonly style: Style;
  /** Whether scores lie between -1 and 1, so that high ones can be pointed out. */
  readonly bounded: boolean;
}

/** Least columns that a text may shrink to beside its scores. */
const LEAST_TEXT_COLUMNS = 16;

/**
 * Scores of texts against each other as lines of text: a numbered row and column for each text, in blocks of columns
 * where there are many. Texts that do not fit beside their row follow in full.
 */
export function similarityTable(
  texts: readonly string[],
  scores: SimilarityMatrix,
  { columns, style, bounded }: SimilarityTableOptions,
): string[] {
  const shown = texts.map(printableText);
  const numberColumns = String(texts.length).length;
  const widest = Math.max(...shown.map(displayWidth));
  const precise = formatScores(scores, bounded ? 3 : undefined);
  const roomy = numberColumns + 1 + widest + texts.length * columnsOf(precise, numberColumns) <= columns;
  const cells = roomy || !bounded ? precise : formatScores(scores, 2);
  const cellColumns = columnsOf(cells, numberColumns);
  const blockSize = Math.max(1, Math.floor((columns - numberColumns - 1 - LEAST_TEXT_COLUMNS) / cellColumns));
  const perBlock = Math.min(blockSize, texts.length);
  const textColumns = Math.min(widest, columns - numberColumns - 1 - perBlock * cellColumns);
  const lines: string[] = [];
  for (let begin = 0; begin < texts.length; begin += perBlock) {
    const numbers = Array.from({ length: Math.min(perBlock, texts.length - begin) }, (_, index) => begin + index);
    if (begin > 0) lines.push('');
    const head = numbers.map((column) => padBefore(String(column + 1), cellColumns)).join('');
    lines.push(style.bold(`${' '.repeat(numberColumns + 1 + textColumns)}${head}`));
    for (const [row, text] of shown.entries()) {
      const label = `${padBefore(String(row + 1), numberColumns)} ${padAfter(fitText(text, textColumns), textColumns)}`;
      const values = numbers.map((column) => {
        const at = row * scores.columns + column;
        const cell = padBefore(cells[at] ?? '', cellColumns);
        if (!bounded) return cell;
        // That a text is like itself says nothing.
        return row === column ? style.dim(cell) : emphasiseScore(cell, scores.data[at] ?? 0, style);
      });
      lines.push(`${label}${values.join('')}`);
    }
  }
  return [...lines, ...legend(shown, textColumns, columns, numberColumns)];
}

function formatScores({ data }: SimilarityMatrix, digits: number | undefined): string[] {
  return Array.from(data, (score) => (digits === undefined ? score.toPrecision(4) : score.toFixed(digits)));
}

function columnsOf(cells: readonly string[], least: number): number {
  return 1 + cells.reduce((most, cell) => Math.max(most, cell.length), least);
}

/** The texts that were cut in the table, in full. */
function legend(texts: readonly string[], textColumns: number, columns: number, numberColumns: number): string[] {
  const lines = texts.flatMap((text, index) => {
    if (displayWidth(text) <= textColumns) return [];
    const indent = ' '.repeat(numberColumns + 1);
    return `${padBefore(String(index + 1), numberColumns)} ${wrapText(text, columns - indent.length, indent)}`.split(
      '\n',
    );
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

import type { VectorSegment } from '../../files/vectors/vector-encoder.js';
import type { EmbeddingBatch, Precision } from '../../vector/index.js';
import type { ByteSink } from '../output/byte-sink.js';
import { fitText, padAfter, padBefore } from '../text/fit-text.js';
import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';
import type { VectorLayout, VectorWriter } from './vector-writer.js';

const INDEX_COLUMNS = 5;
const TOKEN_COLUMNS = 7;
const HEAD_VALUES = 4;
const VALUE_COLUMNS = 8;
const GAP = '  ';

/** A table for people: number, tokens, whether the text was cut, the head of its vector, the text. */
export class TableWriter implements VectorWriter {
  readonly #sink: ByteSink;
  readonly #style: Style;
  readonly #textColumns: number;
  readonly #title: string;
  #begun = false;

  constructor(sink: ByteSink, layout: VectorLayout, style: Style, columns: number) {
    this.#sink = sink;
    this.#style = style;
    const vectorColumns = HEAD_VALUES * VALUE_COLUMNS + 2;
    this.#textColumns = columns - INDEX_COLUMNS - TOKEN_COLUMNS - 2 - vectorColumns - GAP.length;
    const kind = layout.precision === 'float32' ? '' : ` ${layout.precision}`;
    const vector = padAfter(`vector (${layout.dimensions}${kind})`, vectorColumns - 2);
    this.#title = `${padBefore('#', INDEX_COLUMNS)}${padBefore('tokens', TOKEN_COLUMNS)}${GAP}${GAP}${vector}${GAP}text`;
  }

  async write({ rows, vectors }: VectorSegment): Promise<void> {
    const lines = rows.map(({ number, text }, at) => this.#line(number, vectors, at, text));
    if (!this.#begun && lines.length > 0) lines.unshift(this.#style.bold(this.#title));
    this.#begun ||= lines.length > 0;
    await this.#sink.write(lines.map((line) => `${line}\n`).join(''));
  }

  #line(number: number, batch: EmbeddingBatch<Precision>, row: number, text: string): string {
    const index = padBefore(String(number), INDEX_COLUMNS);
    const tokens = padBefore(String(batch.tokens[row] ?? 0), TOKEN_COLUMNS);
    const cut = batch.truncated[row] === 1 ? this.#style.yellow('✂ ') : '  ';
    const vector = batch.row(row);
    const more = vector.length > HEAD_VALUES ? ' …' : '  ';
    const head = Array.from(vector.subarray(0, HEAD_VALUES), shortNumber)
      .join('')
      .padEnd(HEAD_VALUES * VALUE_COLUMNS);
    const shown = fitText(printableText(text), this.#textColumns);
    return `${this.#style.dim(index)}${tokens}${cut}${head}${this.#style.dim(more)}${GAP}${shown}`;
  }
}

/** A value in eight columns with a space before it. */
function shortNumber(value: number): string {
  const text = Number.isInteger(value) ? String(value) : value.toFixed(4);
  return (text.length < VALUE_COLUMNS ? text : value.toPrecision(2)).padStart(VALUE_COLUMNS);
}

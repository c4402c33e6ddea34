import type { Column } from '../column.js';
import type { ByteStream } from './byte-stream.js';
import { chooseKeptColumns, chooseTextColumn } from './choose-columns.js';
import { OpenedRows, type OpenedFacts } from './opened-rows.js';
import { decodeLine, readLines } from './read-lines.js';
import { isLongerThan, refuseLongRow, refuseRow, surrogateRule } from './refuse-row.js';
import type { RowOutcome, RowSource, RowSourceOptions } from './row-source.js';

/** A source without columns of its own has this one. */
const TEXT: Column = { name: 'text', type: 'string' };

/** A text a line: UTF-8, `\n` or `\r\n`; an empty line is an empty text. INPUT_INVALID for another column than "text". */
export function openTextRows(stream: ByteStream, options: RowSourceOptions): RowSource {
  const facts = textFacts(stream.name, options);
  const { maxRowBytes } = options;
  return new OpenedRows(facts, stream, async function* () {
    for await (const lines of readLines(stream, maxRowBytes)) {
      yield lines.map((line): RowOutcome => {
        const text = decodeLine(line, stream.name, maxRowBytes);
        return typeof text === 'string' ? textRow(line.number, text, facts) : text;
      });
    }
  });
}

/** Texts that are in memory already, as a source. A lone surrogate and a text beyond the limit are refused rows. */
export function openGivenTexts(texts: readonly string[], name: string, options: RowSourceOptions): RowSource {
  const facts = { ...textFacts(name, options), rowCount: texts.length };
  const { maxRowBytes } = options;
  const bytes = { byteCount: undefined, bytesRead: 0, close: () => Promise.resolve() };
  return new OpenedRows(facts, bytes, async function* () {
    // Nothing to wait for, but the contract is asynchronous.
    await Promise.resolve();
    yield texts.map((text, index): RowOutcome => {
      const number = index + 1;
      if (isLongerThan(text, maxRowBytes)) return refuseLongRow(name, number, Buffer.byteLength(text), maxRowBytes);
      const rule = surrogateRule(text, 'its text');
      return rule === undefined ? textRow(number, text, facts) : refuseRow(name, number, rule);
    });
  });
}

function textRow(number: number, text: string, facts: OpenedFacts): RowOutcome {
  return { number, text, values: facts.columns.length > 0 ? [text] : [] };
}

function textFacts(name: string, options: RowSourceOptions): OpenedFacts {
  const available = [{ name: TEXT.name, kind: 'strings', text: true }];
  chooseTextColumn(name, available, options.column);
  const kept = chooseKeptColumns(name, available, options.keep);
  return { name, format: 'text', column: TEXT.name, columns: kept.map(() => TEXT), signal: options.signal };
}

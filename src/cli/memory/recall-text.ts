import type { MemoryRecord } from '../../memory/memory-record.js';
import type { RecallResult } from '../../memory/memory-input.js';
import { fitName, fitText, padBefore } from '../text/fit-text.js';
import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';
import { wrapText } from '../text/wrap-text.js';
import { explainActivation, explainBridge } from './explain-score.js';
import { memoryPlace } from './memory-place.js';

/** How {@link recallText} is set. */
export interface RecallTextOptions {
  readonly columns: number;
  readonly style: Style;
}

/** A recalled memory with what is said of it. */
interface Entry {
  readonly record: MemoryRecord;
  readonly value: number;
  readonly why: string;
}

/** Lines of a content: enough to judge it by. */
const CONTENT_LINES = 3;
/** Columns before a content: rank and score. */
const INDENT = 11;
const LEAST_COLUMNS = 20;
/** What tables and rules of Markdown are drawn with. */
const RULE = /[-=_*]{4,}/g;
/** A line takes no longer than it is read with ease. */
const MOST_COLUMNS = 100;

/** What a query brought to mind as lines of text: groups of memories, each with its score, place, content and why. */
export function recallText(
  { core, peripheral, bridges, nearest }: RecallResult,
  { columns, style }: RecallTextOptions,
): string[] {
  const ranks = new Map([...core, ...peripheral, ...nearest, ...bridges].map(({ record }, at) => [record.id, at + 1]));
  const nameOf = (id: string): string => {
    const rank = ranks.get(id);
    return rank === undefined ? 'one that is not shown' : `#${rank}`;
  };
  const activated = (memories: RecallResult['core']): Entry[] =>
    memories.map(({ record, value, parts }) => ({ record, value, why: explainActivation(parts, nameOf) }));
  const groups: readonly (readonly [title: string, entries: readonly Entry[]])[] = [
    ['Core: what answers', activated(core)],
    ['Peripheral: what is near', activated(peripheral)],
    ['Nearest, though below what counts as recalled', activated(nearest)],
    [
      'Bridges: far from the query, near to what it found',
      bridges.map(({ record, value, parts }) => ({ record, value, why: explainBridge(parts, nameOf) })),
    ],
  ];
  const width = Math.max(LEAST_COLUMNS, Math.min(columns, MOST_COLUMNS) - INDENT);
  return groups
    .filter(([, entries]) => entries.length > 0)
    .flatMap(([title, entries], index) => [
      ...(index === 0 ? [] : ['']),
      style.bold(title),
      ...entries.flatMap(({ record, value, why }) => {
        const head = `${padBefore(`#${ranks.get(record.id) ?? 0}`, 4)} ${style.green(value.toFixed(2))}  `;
        const [place, ...content] = [printableText(memoryPlace(record)), ...contentLines(record, width)];
        return [
          `${head}${style.bold(fitName(place, width))}`,
          ...[...content, ...wrapText(why, width).split('\n').map(style.dim)].map((line) => ' '.repeat(INDENT) + line),
        ];
      }),
    ]);
}

/** The first lines of a content; of a document's piece first the headings, which its content begins with. */
function contentLines({ content, metadata }: MemoryRecord, width: number): string[] {
  const end = Array.isArray(metadata['headings']) ? content.indexOf('\n\n') : -1;
  const headings = end < 0 ? [] : [fitName(printableText(content.slice(0, end)), width)];
  const text = printableText(
    (end < 0 ? content : content.slice(end)).replaceAll(/\s+/g, ' ').replaceAll(RULE, '---').trim(),
  );
  const lines = text === '' ? [] : wrapText(text, width).split('\n');
  if (lines.length <= CONTENT_LINES) return [...headings, ...lines];
  const shown = lines.slice(0, CONTENT_LINES);
  const last = fitText(`${shown.at(-1) ?? ''} ${lines[CONTENT_LINES] ?? ''}`, width);
  return [...headings, ...shown.slice(0, -1), last];
}

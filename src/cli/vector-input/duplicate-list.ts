import type { NearDuplicateGroup, NearDuplicates } from '../../search/group-near-duplicates.js';
import { formatCount } from '../text/format-count.js';
import { fitText, padBefore } from '../text/fit-text.js';
import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';

/** Groups, and members of a group beside its first, that are shown. */
const SHOWN_GROUPS = 20;
const SHOWN_DUPLICATES = 4;

/** How {@link duplicateList} is set. */
export interface DuplicateListOptions {
  readonly threshold: number;
  readonly columns: number;
  readonly style: Style;
  /** The text of a vector, by index; undefined where it is not known. */
  readonly textOf: (index: number) => string | undefined;
}

/** The groups that are shown: the largest, equal ones in the order of the file. */
function shownGroups({ groups }: NearDuplicates): readonly NearDuplicateGroup[] {
  return groups.toSorted((a, b) => b.duplicates.length - a.duplicates.length).slice(0, SHOWN_GROUPS);
}

/** Indices of the vectors whose texts are shown. */
export function shownIndices(found: NearDuplicates): number[] {
  return shownGroups(found).flatMap(({ representative, duplicates }) => [
    representative,
    ...duplicates.slice(0, SHOWN_DUPLICATES).map(({ index }) => index),
  ]);
}

/** Vectors that others stand for. */
export function duplicateCount({ groups }: NearDuplicates): number {
  return groups.reduce((sum, { duplicates }) => sum + duplicates.length, 0);
}

/** Near duplicates as lines of text: how many there are, and the largest groups with their texts. */
export function duplicateList(found: NearDuplicates, options: DuplicateListOptions): string[] {
  const { threshold, style } = options;
  const duplicates = duplicateCount(found);
  const { rows, groups } = found;
  if (groups.length === 0) return [`No two of ${formatCount(rows)} rows have a cosine of ${threshold} or more.`];
  const shown = shownGroups(found);
  const rowColumns = Math.max(...shownIndices(found).map((index) => String(index + 1).length));
  const lines = shown.flatMap((group) => ['', ...groupLines(group, rowColumns, options)]);
  const left = groups.length - shown.length;
  return [
    style.bold(`${counted(groups.length, 'group')} of rows with a cosine of ${threshold} or more`),
    `${counted(duplicates, 'duplicate')} in ${counted(rows, 'row')}: ${formatCount(rows - duplicates)} would remain`,
    ...lines,
    ...(left > 0 ? ['', style.dim(`and ${counted(left, 'smaller group')}`)] : []),
  ];
}

function groupLines(
  { representative, duplicates }: NearDuplicateGroup,
  rowColumns: number,
  { columns, style, textOf }: DuplicateListOptions,
): string[] {
  const line = (score: string, index: number): string => {
    const head = `  ${padBefore(score, 5)}  ${padBefore(String(index + 1), rowColumns)}`;
    const text = textOf(index);
    return text === undefined ? head : `${head}  ${fitText(printableText(text), columns - head.length - 2)}`;
  };
  const shown = duplicates.slice(0, SHOWN_DUPLICATES);
  const left = duplicates.length - shown.length;
  return [
    style.bold(counted(duplicates.length + 1, 'row')),
    line('', representative),
    ...shown.map(({ index, score }) => line(score.toFixed(3), index)),
    ...(left > 0 ? [style.dim(`  and ${formatCount(left)} more`)] : []),
  ];
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

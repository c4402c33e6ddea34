import { printableText } from '../text/printable-text.js';
import type { Style } from '../text/style.js';
import { wrapText } from '../text/wrap-text.js';
import type { DoctorFinding } from './finding.js';

const NAME_COLUMNS = 18;
const STATUS_COLUMNS = 6;

/** A finding as a person reads it, with the way out below. */
export function findingLines({ name, status, detail, wayOut }: DoctorFinding, columns: number, style: Style): string {
  const colour = { ok: style.green, warn: style.yellow, fail: style.red }[status];
  const indent = ' '.repeat(STATUS_COLUMNS + NAME_COLUMNS);
  const wrap = (text: string): string => wrapText(printableText(text), columns - indent.length, indent);
  const head = `${colour(status.padEnd(STATUS_COLUMNS))}${name.padEnd(NAME_COLUMNS)}${wrap(detail)}`;
  return wayOut === undefined ? head : `${head}\n${indent}${wrap(`-> ${wayOut}`)}`;
}

import { fitText } from '../text/fit-text.js';
import { printableText } from '../text/printable-text.js';

const LEAST_TEXT_COLUMNS = 10;

/** A memory in a list: its whole id, by which it is forgotten, and as much of its content as fits. */
export function memoryLine(id: string, content: string, columns: number): string {
  const text = printableText(content.replaceAll(/\s+/g, ' ').trim());
  return `${printableText(id)}  ${fitText(text, Math.max(LEAST_TEXT_COLUMNS, columns - id.length - 2))}`;
}

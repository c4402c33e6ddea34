import { displayCharacters, displayWidth } from './display-width.js';

const ELLIPSIS = '…';

/** The text if it fits into so many columns, else its beginning with an ellipsis. */
export function fitText(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns < 1 ? '' : `${beginning(text, columns - 1)}${ELLIPSIS}`;
}

/** The text if it fits, else its two ends around an ellipsis: names differ in both. */
export function fitName(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const left = Math.ceil((columns - 1) / 2);
  const reversed = [...text].reverse().join('');
  const end = [...beginning(reversed, columns - 1 - left)].reverse().join('');
  return `${beginning(text, left)}${ELLIPSIS}${end}`;
}

/** The text with spaces after it up to so many columns. */
export function padAfter(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** The text with spaces before it up to so many columns. */
export function padBefore(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;
}

function beginning(text: string, columns: number): string {
  let result = '';
  let used = 0;
  for (const { character, width } of displayCharacters(text)) {
    used += width;
    if (used > columns) break;
    result += character;
  }
  return result;
}

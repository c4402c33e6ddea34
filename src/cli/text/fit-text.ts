import { displayCharacters, displayWidth } from './display-width.js';

type DisplayCharacters = ReturnType<typeof displayCharacters>;

const ELLIPSIS = '…';

/** The text if it fits into so many columns, else its beginning with an ellipsis. */
export function fitText(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns < 1 ? '' : `${joined(leading(displayCharacters(text), columns - 1))}${ELLIPSIS}`;
}

/** The text if it fits, else its two ends around an ellipsis: names differ in both. */
export function fitName(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const characters = displayCharacters(text);
  const left = Math.ceil((columns - 1) / 2);
  const end = leading(characters.toReversed(), columns - 1 - left).toReversed();
  return `${joined(leading(characters, left))}${ELLIPSIS}${joined(end)}`;
}

/** The text with spaces after it up to so many columns. */
export function padAfter(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** The text with spaces before it up to so many columns. */
export function padBefore(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;
}

/** The first characters that fit into so many columns. */
function leading(characters: DisplayCharacters, columns: number): DisplayCharacters {
  let used = 0;
  const end = characters.findIndex(({ width }) => (used += width) > columns);
  return end < 0 ? characters : characters.slice(0, end);
}

function joined(characters: DisplayCharacters): string {
  return characters.map(({ character }) => character).join('');
}

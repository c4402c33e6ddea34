import { displayCharacters, displayWidth } from './display-width.js';

/**
 * Breaks a text into lines of at most so many columns, between words; a word that is longer is broken inside. What is
 * put before every line but the first does not count.
 */
export function wrapText(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/).flatMap((one) => pieces(one, columns))) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(joined) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = joined;
    }
  }
  lines.push(line);
  return lines.join(`\n${indent}`);
}

function pieces(word: string, columns: number): string[] {
  if (displayWidth(word) <= columns) return [word];
  const result: string[] = [];
  let piece = '';
  let used = 0;
  for (const { character, width } of displayCharacters(word)) {
    if (used + width > columns) {
      result.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += width;
  }
  return [...result, piece];
}

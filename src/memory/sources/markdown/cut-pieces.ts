/** Lines of a text that belong together: a paragraph, a list, a block of code. */
export interface TextBlock {
  /** Neither begins nor ends with an empty line. */
  readonly text: string;
  /** Counted from 1. */
  readonly firstLine: number;
  readonly lastLine: number;
}

const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/**
 * Joins short blocks and splits long ones, so that every piece has at most `limit` UTF-16 code units, in the order of the text.
 * A block that fits into a piece stays whole; else it is split between lines, and a line that is too long between words. Only
 * a word that is longer than a piece is cut.
 */
export function cutPieces(blocks: readonly TextBlock[], limit: number): readonly TextBlock[] {
  const pieces: TextBlock[] = [];
  for (const block of blocks) {
    for (const part of block.text.length <= limit ? [block] : splitBlock(block, limit)) {
      joinOrAdd(pieces, part, '\n\n', limit);
    }
  }
  return pieces;
}

/** Parts of a block, as many whole lines in each as fit. */
function splitBlock(block: TextBlock, limit: number): readonly TextBlock[] {
  const parts: TextBlock[] = [];
  let number = block.firstLine;
  for (const line of block.text.split('\n')) {
    if (line.trim() !== '') {
      for (const text of splitLine(line, limit)) {
        joinOrAdd(parts, { text, firstLine: number, lastLine: number }, '\n', limit);
      }
    }
    number += 1;
  }
  return parts;
}

function joinOrAdd(parts: TextBlock[], next: TextBlock, between: string, limit: number): void {
  const last = parts.at(-1);
  if (last === undefined || last.text.length + between.length + next.text.length > limit) parts.push(next);
  else {
    parts[parts.length - 1] = {
      text: last.text + between + next.text,
      firstLine: last.firstLine,
      lastLine: next.lastLine,
    };
  }
}

function splitLine(line: string, limit: number): readonly string[] {
  const parts: string[] = [];
  let rest = line.trimEnd();
  while (rest.length > limit) {
    const at = cutAt(rest.slice(0, limit + 1));
    const part = rest.slice(0, at).trimEnd();
    if (part !== '') parts.push(part);
    rest = rest.slice(at).trimStart();
  }
  if (rest !== '') parts.push(rest);
  return parts;
}

/** Where a line is cut of which this is the beginning, one code unit longer than a piece: never at 0. */
function cutAt(beginning: string): number {
  for (let at = beginning.length - 1; at > 0; at--) {
    if (/\s/.test(beginning.charAt(at))) return at;
  }
  // Chinese and Japanese have words without spaces, addresses and paths have parts.
  let start = 0;
  for (const { index } of words.segment(beginning)) start = index;
  if (start > 0) return start;
  const end = beginning.length - 1;
  const halvesPair = (beginning.codePointAt(end - 1) ?? 0) > 0xffff;
  return end > 1 && halvesPair ? end - 1 : end;
}

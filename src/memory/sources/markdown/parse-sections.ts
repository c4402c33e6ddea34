import MarkdownIt from 'markdown-it';
import type { TextBlock } from './cut-pieces.js';

/** A heading and what stands under it. */
export interface MarkdownSection {
  /** Without markup; empty for the document itself. */
  readonly heading: string;
  /** 1 to 6; 0 for the document itself. */
  readonly depth: number;
  /** Where the heading stands, counted from 1. */
  readonly line: number;
  /** What stands before the first heading under it. */
  readonly blocks: readonly TextBlock[];
  readonly sections: readonly MarkdownSection[];
}

interface OpenSection extends MarkdownSection {
  readonly blocks: TextBlock[];
  readonly sections: OpenSection[];
}

/**
 * Longest source of a heading, in UTF-16 code units: what is longer is text that happens to have the form of one. It bounds
 * what stands before every piece, and the work of the parser of inline markup.
 */
const MAX_HEADING = 200;

/** Finds blocks only: that is linear, and keeps the text of pieces as it was written. */
const blockParser = new MarkdownIt({ html: true });
blockParser.core.ruler.enableOnly(['normalize', 'block']);
const inlineParser = new MarkdownIt();

/**
 * The sections of a Markdown text, from lines without their ends. Total: any text has sections, and every line of it is in a
 * block, but for headings, thematic breaks and HTML comments. A heading inside a quotation or list is part of that.
 */
export function parseSections(lines: readonly string[], firstLine: number): MarkdownSection {
  const root: OpenSection = { heading: '', depth: 0, line: firstLine, blocks: [], sections: [] };
  const open = [root];
  let done = 0;
  const add = (start: number, end: number, isHtml = false): void => {
    const block = blockOf(lines, start, end, firstLine, isHtml);
    if (block !== undefined) open.at(-1)?.blocks.push(block);
  };
  const tokens = blockParser.parse(lines.join('\n'), {});
  for (const [index, { level, map, type, tag }] of tokens.entries()) {
    if (level !== 0 || map === null || map[1] <= done) continue;
    const [start, end] = map;
    // Definitions of links have no token, and are text here like all else.
    add(done, start);
    const heading = type === 'heading_open' ? headingOf(tokens[index + 1]?.content ?? '') : undefined;
    if (heading !== undefined) {
      const depth = Number(tag.slice(1));
      while ((open.at(-1)?.depth ?? 0) >= depth) open.pop();
      const section: OpenSection = { heading, depth, line: firstLine + start, blocks: [], sections: [] };
      open.at(-1)?.sections.push(section);
      open.push(section);
    } else if (type !== 'hr') add(Math.max(done, start), end, type === 'html_block');
    done = end;
  }
  add(done, lines.length);
  return root;
}

/** A heading without its markup; undefined if it is empty or too long to be one. */
function headingOf(source: string): string | undefined {
  if (source.length > MAX_HEADING) return undefined;
  const [inline] = inlineParser.parseInline(source, {});
  const text = (inline?.children ?? []).map(({ type, content }) => (type.endsWith('break') ? ' ' : content)).join('');
  const heading = text.replaceAll(/\s+/g, ' ').trim();
  return heading === '' ? undefined : heading;
}

/** The lines from `start` to `end` without empty ones at either end; undefined if nothing is left. */
function blockOf(
  lines: readonly string[],
  start: number,
  end: number,
  firstLine: number,
  isHtml: boolean,
): TextBlock | undefined {
  const source = lines.slice(start, end);
  const kept = isHtml ? withoutComments(source.join('\n')).split('\n') : source;
  const from = kept.findIndex((line) => line.trim() !== '');
  if (from < 0) return undefined;
  const to = kept.findLastIndex((line) => line.trim() !== '');
  const text = kept
    .slice(from, to + 1)
    .join('\n')
    .trimEnd();
  return { text, firstLine: firstLine + start + from, lastLine: firstLine + start + to };
}

/** Comments are for whoever writes the text. One without an end stays; line ends stay for the numbers of lines. */
function withoutComments(html: string): string {
  const parts: string[] = [];
  let done = 0;
  for (;;) {
    const start = html.indexOf('<!--', done);
    const end = start < 0 ? -1 : html.indexOf('-->', start + 4);
    if (end < 0) break;
    parts.push(html.slice(done, start), html.slice(start, end).replaceAll(/[^\n]+/g, ''));
    done = end + 3;
  }
  return parts.join('') + html.slice(done);
}

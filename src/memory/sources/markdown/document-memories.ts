import type { JsonObject } from '../../../formats/json/parse-json.js';
import type { MemorySource } from '../../memory-record.js';
import type { SourceConnection, SourceMemory } from '../source-reader.js';
import { stableId } from '../stable-id.js';
import { cutPieces } from './cut-pieces.js';
import { readFrontMatter } from './front-matter.js';
import { type MarkdownSection, parseSections } from './parse-sections.js';

/** A Markdown file that was read. */
export interface MarkdownDocument {
  /** Absolute path with `/`: what ids are made of. */
  readonly path: string;
  /** Its path in the folder that is read, or its name. */
  readonly name: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** Longest heading path before a piece, in UTF-16 code units: the text is to weigh more in the vector than where it stands. */
const MAX_PATH = 240;
/** Longest list of what stands under a heading. */
const MAX_OUTLINE = 400;
/** A heading that comes to mind brings its pieces to mind, barely: 0.8 x 0.8 of a full activation is above the periphery's 0.5. */
const PARENT_WEIGHT = 0.8;
const FOLLOWS_WEIGHT = 0.5;

/**
 * The memories of a Markdown document: itself (a concept), the sections under its headings (contexts) and their text in pieces
 * (episodes), each with the headings above it, for a piece alone does not say what it is about. All are semantic: a document
 * says what is known, not what happened, and there is nothing to consolidate in it. Pure. An empty document has none.
 *
 * A section keeps its id while its heading path stays, a piece while its text stays too.
 */
export function documentMemories(
  document: MarkdownDocument,
  source: MemorySource,
  pieceLength: number,
): { readonly memories: readonly SourceMemory[]; readonly connections: readonly SourceConnection[] } {
  const lines = document.text.split(/\r\n|\n|\r/);
  const matter = readFrontMatter(lines);
  const top = titled(parseSections(lines.slice(matter.lineCount), matter.lineCount + 1), matter.title);
  const memories: SourceMemory[] = [];
  const connections: SourceConnection[] = [];
  if (top.heading === '' && top.blocks.length + top.sections.length === 0) {
    return { memories, connections };
  }
  const count = new Map<string, number>();
  /** An id of its own for each of several equal ones, in the order of the text. */
  const idOf = (...parts: readonly (string | readonly string[])[]): string => {
    const first = stableId('markdown', document.path, ...parts);
    const before = count.get(first) ?? 0;
    count.set(first, before + 1);
    return before === 0 ? first : stableId(first, before);
  };
  const common = { kind: 'semantic', tags: matter.tags, source, sourceAt: matter.date ?? document.modifiedAt } as const;
  const place = (headings: readonly string[], firstLine: number, lastLine: number): JsonObject => ({
    file: document.name,
    headings,
    firstLine,
    lastLine,
  });

  const addSection = (section: MarkdownSection, above: readonly string[], parentId: string | undefined): void => {
    const headings = [...above, section.heading];
    const isDocument = parentId === undefined;
    const id = isDocument ? idOf('document') : idOf('section', headings);
    memories.push({
      ...common,
      id,
      content: [pathText(headings), ...outline(section)].join('\n\n'),
      level: isDocument ? 0 : 1,
      ...(parentId !== undefined && { parentId }),
      metadata: place(headings, section.line, section.line),
    });
    if (parentId !== undefined) connections.push(partOf(id, parentId));
    let before: string | undefined;
    for (const { text, firstLine, lastLine } of cutPieces(section.blocks, pieceLength)) {
      const pieceId = idOf('piece', headings, text);
      const content = `${pathText(headings)}\n\n${text}`;
      const metadata = place(headings, firstLine, lastLine);
      memories.push({ ...common, id: pieceId, content, level: 2, parentId: id, metadata });
      connections.push(partOf(pieceId, id));
      if (before !== undefined) {
        connections.push({ from: pieceId, to: before, type: 'follows', weight: FOLLOWS_WEIGHT, bidirectional: true });
      }
      before = pieceId;
    }
    for (const child of section.sections) addSection(child, headings, id);
  };
  addSection({ ...top, heading: top.heading === '' ? nameWithoutEnding(document.name) : top.heading }, [], undefined);
  return { memories, connections };
}

/** The document with its title: that of the front matter, else the heading under which all others stand. */
function titled(root: MarkdownSection, title: string | undefined): MarkdownSection {
  const [first, ...others] = root.sections;
  if (first === undefined || others.length > 0 || (title !== undefined && title !== first.heading)) {
    return { ...root, heading: title ?? '' };
  }
  return { ...first, line: root.blocks[0]?.firstLine ?? first.line, blocks: [...root.blocks, ...first.blocks] };
}

function partOf(from: string, to: string): SourceConnection {
  return { from, to, type: 'parent', weight: PARENT_WEIGHT, bidirectional: true };
}

/** The headings above a piece, without the outermost ones where they are too long. */
function pathText(headings: readonly string[]): string {
  let kept = headings;
  while (kept.length > 1 && kept.join(' > ').length > MAX_PATH) kept = kept.slice(1);
  return kept.join(' > ');
}

/** The headings right under one, as many as there is room for. */
function outline({ sections }: MarkdownSection): readonly string[] {
  let text = '';
  for (const { heading } of sections) {
    const next = text === '' ? heading : `${text}; ${heading}`;
    if (next.length > MAX_OUTLINE) return [`${text}; ...`];
    text = next;
  }
  return text === '' ? [] : [text];
}

function nameWithoutEnding(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  return base.replace(/(?<=.)\.[^.]*$/, '');
}

import { open } from 'node:fs/promises';
import path from 'node:path';
import { throwIfAborted } from '../../shared/abort.js';
import { checkOptions, isSignal, isWhole } from '../../shared/check-options.js';
import { IsovecError } from '../../shared/isovec-error.js';
import { accessPath } from './access-path.js';
import { documentMemories, type MarkdownDocument } from './markdown/document-memories.js';
import { findDocuments, type SkippedFile } from './markdown/find-documents.js';
import type { SourceConnection, SourceContent, SourceMemory } from './source-reader.js';

/** Options of {@link readMarkdown}. */
export interface MarkdownOptions {
  /**
   * Longest piece of text, in UTF-16 code units; 800 by default, which with its headings is about what models of 256 tokens
   * read. Models that read more may have longer pieces.
   */
  readonly pieceLength?: number;
  /** Largest file in bytes; 4 MiB by default, more than books have. */
  readonly maxFileBytes?: number;
  readonly signal?: AbortSignal;
}

/** What Markdown files tell. */
export interface MarkdownContent extends SourceContent {
  /** Files that were read. */
  readonly files: number;
  /** Files of a folder that were left out. */
  readonly skipped: readonly SkippedFile[];
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a Markdown file, or all of a folder, as memories: documents as concepts, sections as contexts, their text in pieces as
 * episodes, with `title`, `tags` and `date` of the front matter. The source is the absolute path, so that loading a folder again
 * forgets files that are gone. In a folder, hidden ones and `node_modules` are passed over; links and files that are too large
 * are told in `skipped`.
 *
 * INPUT_INVALID for a path that cannot be read, a named file that is too large; FORMAT_INVALID for a file that is not UTF-8;
 * CONFIG_INVALID for a wrong option; ABORTED.
 */
export async function readMarkdown(fileOrFolder: string, options: MarkdownOptions = {}): Promise<MarkdownContent> {
  checkOptions('readMarkdown', options, {
    pieceLength: isWhole(100, 50_000),
    maxFileBytes: isWhole(1),
    signal: isSignal,
  });
  const { pieceLength = 800, maxFileBytes = 4 * 1024 * 1024, signal } = options;
  const root = path.resolve(fileOrFolder);
  const source = { path: root, type: 'markdown' };
  const { files, skipped } = await findDocuments(root, signal);
  const tooLarge: SkippedFile[] = [];
  const memories: SourceMemory[] = [];
  const connections: SourceConnection[] = [];
  for (const file of files) {
    throwIfAborted(signal);
    const name = file === root ? path.basename(file) : path.relative(root, file);
    const document = await readDocument(file, slashes(name), maxFileBytes);
    if (document === undefined) {
      const reason = `is larger than ${maxFileBytes} bytes`;
      if (file === root) {
        throw new IsovecError('INPUT_INVALID', `${file} ${reason}. Split it, or raise maxFileBytes.`, {
          data: { file },
        });
      }
      tooLarge.push({ file, reason });
      continue;
    }
    const told = documentMemories(document, source, pieceLength);
    for (const memory of told.memories) memories.push(memory);
    for (const connection of told.connections) connections.push(connection);
  }
  return {
    source,
    memories,
    connections,
    files: files.length - tooLarge.length,
    skipped: [...skipped, ...tooLarge],
  };
}

/** A file with its text; undefined if it is larger than allowed. */
async function readDocument(file: string, name: string, maxBytes: number): Promise<MarkdownDocument | undefined> {
  const handle = await accessPath(file, () => open(file, 'r'));
  try {
    const status = await handle.stat();
    if (status.size > maxBytes) return undefined;
    const bytes = await accessPath(file, () => handle.readFile());
    return { path: slashes(file), name, text: decode(bytes, file), modifiedAt: Math.trunc(status.mtimeMs) };
  } finally {
    await handle.close();
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    // CommonMark, 2.3: U+0000 must be replaced. No store can hold it.
    return UTF_8.decode(bytes).replaceAll('\0', '\ufffd');
  } catch (cause) {
    throw new IsovecError('FORMAT_INVALID', `${file} is not valid UTF-8. Save it as UTF-8, or move it elsewhere.`, {
      cause,
      data: { file },
    });
  }
}

function slashes(file: string): string {
  return path.sep === '/' ? file : file.replaceAll(path.sep, '/');
}

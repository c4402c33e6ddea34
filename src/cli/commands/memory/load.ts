import type { LoadReport } from '../../../memory/memory-input.js';
import type { Memory } from '../../../memory/memory.js';
import { compareSource } from '../../../memory/sources/compare-source.js';
import { readGitHistory } from '../../../memory/sources/read-git-history.js';
import { readMarkdown } from '../../../memory/sources/read-markdown.js';
import type { SkippedFile } from '../../../memory/sources/markdown/find-documents.js';
import type { SourceContent } from '../../../memory/sources/source-reader.js';
import { IsovecError, isIsovecError } from '../../../shared/isovec-error.js';
import type { CommandContext } from '../../command-context.js';
import type { ExitCode } from '../../exit-codes.js';
import type { MemoryModelFlags, NamedModel } from '../../memory/memory-flags.js';
import { shortPath } from '../../memory/memory-place.js';
import { storePlaceOf } from '../../memory/store-place.js';
import { useMemory } from '../../memory/use-memory.js';
import { useStoredMemory } from '../../memory/use-stored-memory.js';
import { formatCount } from '../../text/format-count.js';
import { printableText } from '../../text/printable-text.js';

/** Flags of `isovec memory load`. */
export interface LoadFlags extends MemoryModelFlags {
  readonly git: readonly string[];
  readonly commits?: number;
  readonly dryRun?: boolean;
}

/** A source that was read, and what is to be said of it. */
interface ReadSource {
  readonly content: SourceContent;
  /** How much was read: `12 files`. */
  readonly extent: string;
  readonly skipped: readonly SkippedFile[];
  readonly notice?: string;
}

/** `isovec memory load` */
export async function loadMemories(
  paths: readonly string[],
  flags: LoadFlags,
  named: NamedModel,
  context: CommandContext,
): Promise<ExitCode> {
  if (paths.length + flags.git.length === 0) {
    throw new IsovecError('CONFIG_INVALID', 'Name Markdown files or folders, or a repository with --git.');
  }
  // What cannot be read is told before anything is changed.
  const sources: ReadSource[] = [];
  for (const path of paths) sources.push(await readFolder(path, context));
  for (const repository of flags.git) sources.push(await readRepository(repository, flags, context));
  for (const source of sources) tell(source, context);
  context.timing.mark('sources read');
  const reports =
    flags.dryRun === true ? await foresee(sources, flags, context) : await load(sources, flags, named, context);
  await print(sources, reports, flags, context);
  return 0;
}

async function readFolder(path: string, { signal }: CommandContext): Promise<ReadSource> {
  const content = await readMarkdown(path, { signal });
  const { files, skipped } = content;
  return { content, extent: counted(files, 'file'), skipped };
}

async function readRepository(
  repository: string,
  { commits }: LoadFlags,
  { signal }: CommandContext,
): Promise<ReadSource> {
  const content = await readGitHistory(repository, { signal, ...(commits === undefined ? {} : { limit: commits }) });
  const read = content.memories.length;
  const limited = `the newest ${counted(read, 'commit')} of ${repository} are read; --commits reads more.`;
  const shallow = `${repository} is a shallow clone: its history ends where the clone does.`;
  const notice = content.limited ? limited : content.shallow ? shallow : undefined;
  const source = { content, extent: counted(read, 'commit'), skipped: [] };
  return notice === undefined ? source : { ...source, notice };
}

function tell({ skipped, notice }: ReadSource, { talk }: CommandContext): void {
  for (const { file, reason } of skipped) talk.warn(`${shortPath(file)} ${reason}: it is left out.`);
  if (notice !== undefined) talk.info(notice);
}

function load(
  sources: readonly ReadSource[],
  flags: LoadFlags,
  named: NamedModel,
  context: CommandContext,
): Promise<readonly LoadReport[]> {
  const { signal, talk } = context;
  return useMemory(flags, { named, create: true, fewTexts: false }, context, (memory) =>
    inTurn(sources, ({ content }) => memory.load(content, { signal, onProgress: talk.onProgress })),
  );
}

/** What loading would do; without a file of memories, all would be new. */
async function foresee(
  sources: readonly ReadSource[],
  flags: LoadFlags,
  context: CommandContext,
): Promise<readonly LoadReport[]> {
  const compared = (memory: Memory): Promise<readonly LoadReport[]> =>
    inTurn(sources, ({ content }) => memory.load(content, { dryRun: true }));
  try {
    return await useStoredMemory(flags, context, compared);
  } catch (error) {
    if (!isIsovecError(error, 'NOT_FOUND')) throw error;
    return sources.map(({ content }) => {
      const added = compareSource([], content).added.length;
      return { source: content.source.path, added, changed: 0, removed: 0, unchanged: 0, dryRun: true };
    });
  }
}

async function print(
  sources: readonly ReadSource[],
  reports: readonly LoadReport[],
  flags: LoadFlags,
  context: CommandContext,
): Promise<void> {
  const { json, output, talk } = context;
  const store = storePlaceOf(flags, context).name;
  talk.clear();
  if (json) {
    const values = reports.map(({ source, added, changed, removed, unchanged }, at) => {
      const { content, skipped = [] } = sources[at] ?? {};
      return { source, type: content?.source.type, added, changed, removed, unchanged, skipped };
    });
    await output.json({ store, dryRun: flags.dryRun === true, sources: values });
    return;
  }
  for (const [at, { source, added, changed, removed, unchanged }] of reports.entries()) {
    const counts = Object.entries({ added, changed, removed, unchanged }).filter(([, count]) => count > 0);
    const facts = counts.map(([name, count]) => `${formatCount(count)} ${name}`).join(', ');
    const extent = sources[at]?.extent ?? '';
    await output.line(`${printableText(shortPath(source))}: ${extent}, memories: ${facts === '' ? 'none' : facts}`);
  }
  if (flags.dryRun === true) talk.info(`Nothing was changed in ${store}.`);
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function counted(count: number, thing: string): string {
  return `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;
}

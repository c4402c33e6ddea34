import type { MemorySource } from '../../memory-record.js';
import type { SourceConnection, SourceMemory } from '../source-reader.js';
import { stableId } from '../stable-id.js';
import type { Commit } from './parse-log.js';

/** Longest content, in UTF-16 code units: more than models read, enough for whoever reads it. */
const MAX_CONTENT = 4_000;
const MAX_TAGS = 16;
const MAX_TAG = 100;
/** Most earlier commits that one is connected with for the paths they share. */
const MAX_TOUCHES = 5;
const FOLLOWS_WEIGHT = 0.3;

/**
 * The memories of commits, which come newest first: each an episode with its message. The top-level folders it touches are its
 * tags; its author is metadata, for a tag is what memories are about and are forgotten by. A commit follows the one before it,
 * and is connected with up to five earlier ones that touched its paths last, by the share of paths they have in common. Pure.
 *
 * A commit has the same id in every clone.
 */
export function commitMemories(
  commits: readonly Commit[],
  source: MemorySource,
): { readonly memories: readonly SourceMemory[]; readonly connections: readonly SourceConnection[] } {
  const memories = commits.map((commit) => memoryOf(commit, source));
  const connections: SourceConnection[] = [];
  for (const [index, commit] of commits.entries()) {
    const before = commits[index + 1];
    if (before === undefined) break;
    connections.push(connection(commit, before, 'follows', FOLLOWS_WEIGHT));
  }
  const lastTouched = new Map<string, Commit>();
  for (const commit of commits.toReversed()) {
    const earlier = new Set(commit.paths.map((file) => lastTouched.get(file)).filter((other) => other !== undefined));
    const shares = [...earlier].map((other) => ({ other, share: commonShare(commit.paths, other.paths) }));
    shares.sort((a, b) => b.share - a.share || (a.other.hash < b.other.hash ? -1 : 1));
    for (const { other, share } of shares.slice(0, MAX_TOUCHES)) {
      connections.push(connection(commit, other, 'touches', share));
    }
    for (const file of commit.paths) lastTouched.set(file, commit);
  }
  return { memories, connections };
}

function memoryOf(commit: Commit, source: MemorySource): SourceMemory {
  const { hash, author, authoredAt, message, paths, pathCount } = commit;
  const folders = paths.map((file) => file.slice(0, Math.max(0, file.indexOf('/')))).filter((name) => isTag(name));
  return {
    id: idOf(commit),
    content: shorten(message === '' ? `Commit without a message: ${paths.join(', ') || 'no paths'}` : message),
    level: 2,
    kind: 'episodic',
    tags: [...new Set(folders)].slice(0, MAX_TAGS),
    source,
    sourceAt: authoredAt,
    metadata: { hash, author, paths, pathCount },
  };
}

/** A folder may have any name; that of a tag is short and has no control characters. */
function isTag(name: string): boolean {
  return name !== '' && name.length <= MAX_TAG && !/\p{Cc}/u.test(name);
}

function idOf({ hash }: Commit): string {
  return stableId('git', hash);
}

function connection(from: Commit, to: Commit, type: string, weight: number): SourceConnection {
  return { from: idOf(from), to: idOf(to), type, weight, bidirectional: true };
}

/** Paths that two commits share, of all that either touches. */
function commonShare(a: readonly string[], b: readonly string[]): number {
  const others = new Set(b);
  const common = a.filter((file) => others.has(file)).length;
  return common / (a.length + b.length - common);
}

/** Cut at a space, with a mark that something is missing. */
function shorten(text: string): string {
  if (text.length <= MAX_CONTENT) return text;
  const beginning = text.slice(0, MAX_CONTENT - 4);
  const at = beginning.search(/\s\S*$/);
  return `${at > 0 ? beginning.slice(0, at) : beginning.replace(/[\uD800-\uDBFF]$/, '')} ...`;
}

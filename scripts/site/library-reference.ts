import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { anchorOf } from '../markdown-names.js';
import { runNode } from '../run-child.js';
import { listFiles } from '../source-files.js';

const OPTIONS = [
  ...['--plugin', 'typedoc-plugin-markdown'],
  // A page an entry point. The build has checked the types.
  ...['--router', 'module', '--skipErrorChecking', 'true'],
  ...['--hidePageHeader', 'true', '--hideBreadcrumbs', 'true', '--logLevel', 'Warn'],
];

/** The page of the main entry point, by the name of its file; in the site that is the list of them. */
const MAIN = 'index.md';

/** Writes a page of every entry point of the package, and one that lists them, from the sources' own comments. */
export async function writeLibraryReference(root: string, folder: string): Promise<void> {
  const typedoc = path.join(root, 'node_modules/typedoc/bin/typedoc');
  const { status, output } = await runNode(root, [typedoc, ...OPTIONS, '--out', folder]);
  if (status !== 0) throw new Error(`typedoc ended with ${status}:\n${output}`);
  const names = listFiles(folder, '', ['.md']).filter((page) => page !== 'README.md');
  const texts = new Map<string, string>();
  for (const page of names) texts.set(page, await readFile(path.join(folder, page), 'utf8'));
  const anchors = new Map([...texts].map(([page, text]) => [page, pageAnchors(text)]));
  const entries: string[] = [];
  for (const [page, text] of texts) {
    const name = page === MAIN ? 'isovec' : `isovec/${page.replace(/\.md$/, '')}`;
    const linked = text
      .replace(/^# .*$/m, `# ${name}`)
      .replaceAll(/\]\(([^)#]*)#([^)]+)\)/g, (_, address: string, anchor: string) => {
        const target = address === '' ? page : path.posix.join(path.posix.dirname(page), address);
        return `](${renamed(address)}#${present(anchor, anchors.get(target))})`;
      });
    await writeFile(path.join(folder, renamed(page)), linked);
    entries.push(`- [\`${name}\`](${renamed(page)})`);
  }
  await rm(path.join(folder, 'README.md'));
  const introduction = 'What programs import, by entry point, from the comments of the sources.';
  await writeFile(path.join(folder, 'index.md'), ['# Library', '', introduction, '', ...entries.sort(), ''].join('\n'));
}

function renamed(address: string): string {
  return address.replace(/(^|\/)index\.md$/, '$1main.md');
}

/** Anchors of the headings of a page, the second of one name with -1 behind it, as both code hosts and the site count them. */
function pageAnchors(markdown: string): ReadonlySet<string> {
  const counts = new Map<string, number>();
  return new Set(
    [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
      const anchor = anchorOf(heading.replaceAll('\\', ''));
      const count = counts.get(anchor) ?? 0;
      counts.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}

/** typedoc counts a member `info` of `Provider` as a `ProviderInfo`, too: its number may be one too high. */
function present(anchor: string, there: ReadonlySet<string> = new Set()): string {
  const lower = anchor.replace(/-\d+$/, '');
  return there.has(anchor) || !there.has(lower) ? anchor : lower;
}

import { appendFile, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

import { ERROR_TABLE } from '../../src/shared/error-table.js';
import { configurationSchema } from '../configuration-schema.js';
import { mcpReference } from '../mcp-reference.js';
import { listFiles } from '../source-files.js';
import { configurationReference, type ConfigurationSchema } from './configuration-reference.js';
import { errorSections, type PageText } from './error-pages.js';
import { httpReference } from './http-reference.js';
import { writeLibraryReference } from './library-reference.js';
import { linkedPage } from './linked-page.js';
import { servedDocument } from './served-document.js';
import { isDocument, isImage, rootDocuments, sitePath } from './site-paths.js';

const LANGUAGES: Readonly<Record<string, string>> = { '.py': 'python', '.yml': 'yaml', '.service': 'ini', '': 'text' };
const CONTAINERFILE = /(^|\/)(Containerfile|Dockerfile)/;
/** Longer files are shown by their beginning; nobody reads them in a page. */
const SHOWN_CHARACTERS = 60_000;

/**
 * Writes the pages of the site as Markdown below `folder`, which is emptied: the documents, the files that they link to, and the
 * references that only the site has.
 */
export async function writePages(root: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const pending = [...rootDocuments(), ...listFiles(root, 'docs', ['.md'])];
  const written = new Set<string>();
  const pages: PageText[] = [];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (written.has(file)) continue;
    written.add(file);
    if (isImage(file)) await copyImage(root, folder, file);
    else {
      const text = isDocument(file) ? await readFile(path.join(root, file), 'utf8') : await filePage(root, file);
      const { markdown, targets } = linkedPage(file, text);
      pending.push(...targets);
      await writePage(folder, sitePath(file), markdown);
      pages.push({ path: sitePath(file), title: titleOf(markdown), markdown });
    }
  }
  const named = pages.filter(({ path: page }) => page.startsWith('guides/'));
  await appendFile(path.join(folder, 'reference/errors.md'), `\n${errorSections(ERROR_TABLE, named)}`);
  const schema = configurationSchema() as unknown as ConfigurationSchema;
  await writePage(folder, 'reference/configuration.md', configurationReference(schema));
  await writePage(folder, 'reference/http.md', httpReference(await servedDocument()));
  await writePage(folder, 'reference/mcp.md', agentToolsPage());
  await writeLibraryReference(root, path.join(folder, 'reference/library'));
}

/** The title of a page: its first heading, without what marks code. */
export function titleOf(markdown: string): string {
  return z
    .string()
    .parse(/^# (.+)$/m.exec(markdown)?.[1])
    .replaceAll(/[`\\]/g, '');
}

function agentToolsPage(): string {
  return [
    '# MCP tools',
    '',
    'What `isovec mcp` offers to agents. [A memory for agents](../guides/memory-over-mcp.md) says how clients are set up.',
    '',
    mcpReference(),
    '',
    '`?` marks what may be left out.',
    '',
  ].join('\n');
}

/** A page of a file that is no document, or of the names in a folder. */
async function filePage(root: string, file: string): Promise<string> {
  if ((await stat(path.join(root, file))).isDirectory()) {
    const names = listFiles(root, file, ['']).map((name) => path.posix.relative(file, name));
    const linked = names.map((name) => `- [${name}](${path.posix.join(path.posix.basename(file), name)})`);
    return [`# ${file}/`, '', ...linked, ''].join('\n');
  }
  const whole = await readFile(path.join(root, file), 'utf8');
  const ending = path.extname(file);
  const language = CONTAINERFILE.test(file) ? 'dockerfile' : (LANGUAGES[ending] ?? ending.slice(1));
  const fence = '`'.repeat(whole.includes('```') ? 5 : 3);
  const cut = whole.length > SHOWN_CHARACTERS ? `The first ${SHOWN_CHARACTERS} characters of ${whole.length}.\n\n` : '';
  return `# ${file}\n\n${cut}${fence}${language}\n${whole.slice(0, SHOWN_CHARACTERS).trimEnd()}\n${fence}\n`;
}

async function writePage(folder: string, page: string, markdown: string): Promise<void> {
  const target = path.join(folder, page);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, markdown);
}

async function copyImage(root: string, folder: string, file: string): Promise<void> {
  const target = path.join(folder, sitePath(file));
  await mkdir(path.dirname(target), { recursive: true });
  await cp(path.join(root, file), target);
}

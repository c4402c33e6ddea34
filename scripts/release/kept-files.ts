import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

import { listFiles } from '../source-files.js';

/** Licences and what they ask to be kept, whatever the ending. */
const LICENCE = /^(licen[cs]e|copying|notice|copyright|patents|authors)/i;
const manifestSchema = z.object({ main: z.string().optional(), exports: z.unknown().optional() });
const DECLARATION = /\.d\.[cm]?ts$/;
/** Maps, sources that were compiled, what compilers remember, and what people read. */
const NEVER_RUN = /\.(map|[cm]?ts|tsx|flow|tsbuildinfo|md|markdown)$/;
/** Folders and files at the top of a package that only its authors run. */
const FOR_AUTHORS =
  /^((tests?|__tests__|bench(marks?)?|examples?|docs?|coverage|integration|fixtures|\.github|\.vscode|\.husky)\/|(test|bench|benchmark|example)\.[cm]?js$)/;

/** Builds for browsers. */
const NOT_FOR_NODE = /(^|\/)(browser|iife)\/|\.min\.[cm]?js$/;

/**
 * The files of a package that its users need, sorted: what may be run, licences, and the declarations if `declared`. A README
 * stays where no other file holds the licence.
 */
export function keptFiles(folder: string, declared: boolean): string[] {
  const files = listFiles(folder, '', ['']);
  const licensed = files.some((file) => !file.includes('/') && isLicence(file));
  return files.filter((file) => {
    if (isLicence(file)) return true;
    if (FOR_AUTHORS.test(file)) return false;
    if (DECLARATION.test(file)) return declared;
    if (!licensed && /^readme/i.test(file)) return true;
    return !NEVER_RUN.test(file) && !NOT_FOR_NODE.test(file);
  });
}

/** Whether a file of a package holds a licence or a notice. */
export function isLicence(file: string): boolean {
  return LICENCE.test(path.posix.basename(file)) && !/\.(js|ts|map)$/.test(file);
}

const REFERENCE = /(?:\brequire\(\s*|\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.[^'"\n]*)\1/g;
/** What Node puts after a path that it does not find as it is. A folder's package.json may name any file of it. */
const ENDINGS = ['', '.js', '.json', '.cjs', '.mjs', '.node', '/index.js', '/index.json', '/package.json'];

/** References by path, in the JavaScript that is kept, to what exists and is not kept: what leaving out would break. */
export function brokenReferences(folder: string, kept: readonly string[]): string[] {
  const known = new Set(kept);
  return kept
    .filter((file) => /\.[cm]?js$/.test(file))
    .flatMap((file) => {
      const code = readFileSync(path.join(folder, file), 'utf8');
      return [...code.matchAll(REFERENCE)].flatMap(([, , target = '']) => {
        // Types in comments are written as imports, too.
        if (/\.[cm]?ts$/.test(target)) return [];
        const named = ENDINGS.map((ending) => path.posix.join(path.posix.dirname(file), `${target}${ending}`));
        const broken = !named.some((one) => known.has(one)) && named.some((one) => isFile(folder, one));
        return broken ? [`${file}: ${target}`] : [];
      });
    });
}

/** Conditions of `exports` that Node may look for; the rest is for browsers, compilers and other runtimes. */
const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'require', 'default', 'module-sync']);

/** Entry points of a package, as Node finds them, that exist and are not kept. */
export function lostEntries(folder: string, kept: readonly string[]): string[] {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')));
  const known = new Set(kept);
  return [...nodeTargets(manifest.main), ...nodeTargets(manifest.exports)]
    .map((target) => path.posix.normalize(target))
    .filter((target) => !known.has(target) && isFile(folder, target));
}

/** Subpaths by which a program asks for a build for browsers; nothing that runs in Node does. */
const SUBPATH_FOR_BROWSERS = /^\..*\b(browser|umd|iife|min)\b/;

/** The files that an entry of `exports` may name in Node; what follows a condition that always holds is never reached. */
function nodeTargets(entry: unknown): string[] {
  if (typeof entry === 'string') return [entry];
  if (typeof entry !== 'object' || entry === null) return [];
  const targets: string[] = [];
  for (const [key, inner] of Object.entries(entry)) {
    const reached = key.startsWith('.') ? !SUBPATH_FOR_BROWSERS.test(key) : CONDITIONS.has(key);
    if (reached) targets.push(...nodeTargets(inner));
    if (key === 'node' || key === 'default') break;
  }
  return targets;
}

function isFile(folder: string, file: string): boolean {
  return statSync(path.join(folder, file), { throwIfNoEntry: false })?.isFile() === true;
}

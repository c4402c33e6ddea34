import path from 'node:path';

import { sitePath } from './site-paths.js';

/** A document as a page of the site. */
export interface LinkedPage {
  readonly markdown: string;
  /** Files and folders of the repository that it links to. */
  readonly targets: readonly string[];
}

const FENCE = /^\s*(`{3,}|~{3,})/;
/** The target of a link or an image, or of a definition: what stands before it, and it. */
const TARGET = /(\]\(\s*<?|^\s*\[[^\]]+\]:\s*<?)([^)\s>]+)/g;

/**
 * A document with its links, which lead from file to file of the repository, leading from page to page of the site, and without
 * the comments that mark its generated parts. Code is left as it is.
 */
export function linkedPage(file: string, markdown: string): LinkedPage {
  const targets = new Set<string>();
  const from = path.posix.dirname(sitePath(file));
  const relink = (whole: string, before: string, target: string): string => {
    if (/^([a-z][a-z0-9+.-]*:|#)/i.test(target)) return whole;
    const [address = '', anchor] = target.split('#');
    const linked = path.posix.join(path.posix.dirname(file), decodeURI(address)).replace(/\/$/, '');
    targets.add(linked);
    const there = path.posix.relative(from, sitePath(linked));
    return `${before}${encodeURI(there.startsWith('.') ? there : `./${there}`)}${anchor === undefined ? '' : `#${anchor}`}`;
  };
  let fence: string | undefined;
  const lines = markdown.replaceAll(/^<!--[\s\S]*?-->\n/gm, '').split('\n');
  const linked = lines.map((line) => {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence) === true) fence = undefined;
      return line;
    }
    fence = mark;
    // Between backticks stands code.
    return line
      .split(/(`+[^`]*`+)/)
      .map((part) => (part.startsWith('`') ? part : part.replaceAll(TARGET, relink)))
      .join('');
  });
  return { markdown: linked.join('\n'), targets: [...targets] };
}

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { listFiles } from '../../scripts/source-files.js';
import { SITE } from './site-server.js';

interface BuiltPage {
  readonly file: string;
  readonly anchors: ReadonlySet<string>;
  readonly addresses: readonly string[];
}

const text = (escaped: string): string =>
  escaped.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');

function builtPage(file: string): BuiltPage {
  const html = readFileSync(path.join(SITE, file), 'utf8');
  return {
    file,
    anchors: new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => text(id))),
    addresses: [...html.matchAll(/<(?:a|img|link|script)\b[^>]*?\s(?:href|src)="([^"]+)"/g)].map(([, to = '']) =>
      text(to),
    ),
  };
}

const pages = new Map(listFiles(SITE, '', ['.html']).map((file) => [file, builtPage(file)]));
const all = [...pages.values()].flatMap(({ file, addresses }) => addresses.map((address) => ({ file, address })));
const isOutside = (address: string): boolean => /^[a-z]+:/.test(address);

/** What is wrong with a link; undefined if nothing is. */
function problem(file: string, address: string): string | undefined {
  const { pathname, hash } = new URL(address, `http://site/${file}`);
  const target = decodeURIComponent(pathname.slice(1));
  const there = target === '' || target.endsWith('/') ? `${target}index.html` : target;
  if (!existsSync(path.join(SITE, there))) return `${file}: there is no ${there}`;
  const anchor = decodeURIComponent(hash.slice(1));
  if (anchor === '' || pages.get(there)?.anchors.has(anchor) === true) return undefined;
  return `${file}: ${there} has no #${anchor}`;
}

describe('the links of the site', () => {
  it('are many, from many pages', () => {
    expect(pages.size).toBeGreaterThan(90);
    expect(all.filter(({ address }) => address.includes('#')).length).toBeGreaterThan(500);
  });

  it('lead to pages and headings that are there', () => {
    const inside = all.filter(({ address }) => !isOutside(address));
    expect(inside.flatMap(({ file, address }) => problem(file, address) ?? [])).toEqual([]);
  });

  it('take scripts, styles and pictures from the site alone', () => {
    for (const { file } of pages.values()) {
      const html = readFileSync(path.join(SITE, file), 'utf8');
      const fetched = [...html.matchAll(/<(?:script|link|img|iframe)\b[^>]*?\s(?:href|src)="([a-z]+:)[^"]*"/g)];
      expect(fetched.map(([, scheme]) => scheme).filter((scheme) => scheme !== 'data:')).toEqual([]);
    }
  });
});

describe('the pages of the site', () => {
  it('hold every document of the repository', () => {
    const documents = listFiles(path.resolve(SITE, '../..'), 'docs', ['.md']);
    expect(documents.length).toBeGreaterThan(60);
    const missing = documents
      .map((file) =>
        file
          .replace(/^docs\//, '')
          .replace(/README\.md$/, 'index.md')
          .replace(/\.md$/, '.html'),
      )
      .filter((page) => !pages.has(page));
    expect(missing).toEqual([]);
  });

  it('are all reached from the first one', () => {
    const reached = new Set(['index.html']);
    // A set that grows while it is walked.
    for (const file of reached) {
      for (const address of pages.get(file)?.addresses ?? []) {
        if (isOutside(address)) continue;
        const target = decodeURIComponent(new URL(address, `http://site/${file}`).pathname.slice(1));
        const there = target === '' || target.endsWith('/') ? `${target}index.html` : target;
        if (pages.has(there)) reached.add(there);
      }
    }
    expect([...pages.keys()].filter((file) => file !== '404.html' && !reached.has(file))).toEqual([]);
  });
});

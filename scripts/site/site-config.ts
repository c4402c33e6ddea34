import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DefaultTheme, MarkdownOptions, UserConfig } from 'vitepress';

import { anchorOf } from '../markdown-names.js';
import { listFiles } from '../source-files.js';
import { siteNavigation } from './site-navigation.js';
import { titleOf } from './write-pages.js';

const pages = path.resolve('.cache/site-pages');
const named = listFiles(pages, '', ['.md'])
  .filter((page) => !page.startsWith('files/'))
  .map((page) => ({
    path: page,
    title: page === 'index.md' ? 'Overview' : titleOf(readFileSync(path.join(pages, page), 'utf8')),
  }));

/** Markdown as code hosts read it: no HTML, no attributes, anchors spelled as theirs; and nothing that Vue would compute. */
const markdown: MarkdownOptions = {
  html: false,
  linkify: false,
  attrs: { disable: true },
  anchor: { slugify: anchorOf },
  theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  languageAlias: { console: 'shellsession' },
  config: (renderer) => {
    for (const rule of ['text', 'code_inline'] as const) {
      const shown = renderer.renderer.rules[rule];
      renderer.renderer.rules[rule] = (...args) => (shown?.(...args) ?? '').replaceAll('{{', '&#123;&#123;');
    }
    // What is wider than a phone scrolls within itself, for the keyboard, too.
    renderer.renderer.rules.table_open = () =>
      '<div class="table" role="region" aria-label="Table" tabindex="0"><table>\n';
    renderer.renderer.rules.table_close = () => '</table></div>\n';
  },
};

const themeConfig: DefaultTheme.Config = {
  nav: [
    { text: 'Start', link: '/start/library', activeMatch: '^/start/' },
    { text: 'Guides', link: '/guides/serve', activeMatch: '^/guides/' },
    { text: 'Reference', link: '/reference/cli', activeMatch: '^/reference/' },
    { text: 'Decisions', link: '/decisions/', activeMatch: '^/decisions/' },
    { text: 'Changelog', link: '/changelog' },
  ],
  sidebar: Object.fromEntries(
    Object.entries(siteNavigation(named)).map(([below, groups]): [string, DefaultTheme.SidebarItem[]] => [
      below,
      groups.map(({ text, items }) => ({ text, items: [...items] })),
    ]),
  ),
  outline: { level: [2, 3] },
  search: {
    provider: 'local',
    options: {
      miniSearch: {
        // SPACE_MISMATCH is found as a whole and by its parts.
        options: { tokenize: (text) => [...text.split(/[^\p{L}\p{N}_]+/u), ...text.split(/[^\p{L}\p{N}]+/u)] },
      },
    },
  },
  docFooter: { prev: 'Before', next: 'Next' },
};

/** The documentation site: .cache/site-pages to .cache/site. `ISOVEC_SITE_BASE` is the path below which it will be served. */
export const siteConfig: UserConfig<DefaultTheme.Config> = {
  title: 'isovec',
  description:
    "Sentence embeddings for TypeScript with exactly the vectors of Python's sentence-transformers, without Python.",
  lang: 'en',
  base: process.env['ISOVEC_SITE_BASE'] ?? '/',
  srcDir: '../.cache/site-pages',
  outDir: '../.cache/site',
  cacheDir: '../.cache/site-cache',
  markdown,
  themeConfig,
  // The index of the search is one file, fetched when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  head: [['link', { rel: 'icon', href: 'data:,' }]],
};

import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { configurationReference } from '../../scripts/site/configuration-reference.js';
import { errorSections } from '../../scripts/site/error-pages.js';
import { httpReference } from '../../scripts/site/http-reference.js';
import { linkedPage } from '../../scripts/site/linked-page.js';
import { servedDocument } from '../../scripts/site/served-document.js';
import { siteNavigation } from '../../scripts/site/site-navigation.js';
import { rootDocuments, sitePath } from '../../scripts/site/site-paths.js';
import { titleOf } from '../../scripts/site/write-pages.js';
import { listFiles, readSource } from '../../scripts/source-files.js';
import { ERROR_TABLE } from '#src/shared/error-table.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('a document as a page', () => {
  const linked = (file: string, markdown: string): string => linkedPage(file, markdown).markdown;

  it('links to the pages of what it links to in the repository', () => {
    expect(linked('README.md', '[a](docs/guides/serve.md#limits)')).toBe('[a](./guides/serve.md#limits)');
    expect(linked('docs/guides/serve.md', '[a](../../README.md) [b](int8.md)')).toBe('[a](../index.md) [b](./int8.md)');
    expect(linked('docs/guides/a.md', '[a](../decisions/README.md)')).toBe('[a](../decisions/index.md)');
    expect(linked('docs/guides/a.md', '[a]: moving/README.md')).toBe('[a]: ./moving/index.md');
    expect(linked('README.md', '![a](docs/peers.svg)')).toBe('![a](./peers.svg)');
  });

  it('links to a page of a file that is no document, and tells of it', () => {
    const { markdown, targets } = linkedPage(
      'docs/guides/serve.md',
      '[`a`](../../examples/curl.sh), [b](../../deploy/)',
    );
    expect(markdown).toBe('[`a`](../files/examples/curl.sh.md), [b](../files/deploy.md)');
    expect(targets).toEqual(['examples/curl.sh', 'deploy']);
  });

  it('leaves alone what leads elsewhere or stays, and what is code', () => {
    for (const text of ['[a](https://example.org/b.md)', '[a](#here)', '`[a](b.md)`', '```md\n[a](b.md)\n```']) {
      expect(linked('README.md', text)).toBe(text);
    }
  });

  it('is without the comments that mark its generated parts', () => {
    expect(linked('README.md', 'a\n\n<!-- x:begin -->\n\nb\n')).toBe('a\n\n\nb\n');
  });
});

describe('the paths of the site', () => {
  it('are those of the documents, with the list of a folder at its root', () => {
    expect(['README.md', 'SECURITY.md', 'docs/guides/a.md', 'docs/decisions/README.md'].map(sitePath)).toEqual([
      'index.md',
      'security.md',
      'guides/a.md',
      'decisions/index.md',
    ]);
  });
});

describe('the navigation', () => {
  const pages = ['index.md', 'guides/new.md', 'guides/serve.md', 'guides/moving/index.md', 'decisions/x.md'];
  const { '/': groups = [], '/decisions/': decisions = [] } = siteNavigation(
    pages.map((path) => ({ path, title: path })),
  );
  const links = groups.flatMap(({ items }) => items.map(({ link }) => link));

  it('names every page once, also those that no group names', () => {
    expect([...links].sort()).toEqual(['/', '/guides/moving/', '/guides/new', '/guides/serve']);
  });

  it('has the decisions beside each other', () => {
    expect(decisions.flatMap(({ items }) => items.map(({ link }) => link))).toEqual(['/decisions/x']);
  });
});

describe('the sections of the error codes', () => {
  it('are of all codes, with the pages that name them', () => {
    const text = errorSections(ERROR_TABLE, [{ path: 'guides/a.md', title: 'A', markdown: 'see SPACE_MISMATCH' }]);
    expect(text.match(/^## /gm)).toHaveLength(Object.keys(ERROR_TABLE).length);
    const [, section] = /^## SPACE_MISMATCH\n([^#]*)/m.exec(text) ?? [];
    expect(section).toContain('Explained in: [A](../guides/a.md).');
    expect(section).toContain('HTTP 409');
  });
});

describe('the page of the configuration file', () => {
  it('has the keys with their values, and the sections with their keys', () => {
    const port = { $ref: '#/definitions/port' };
    const page = configurationReference({
      description: 'Settings.',
      definitions: { port: { type: 'integer', minimum: 0, maximum: 65_535, description: 'port to listen on' } },
      properties: {
        port: port,
        serve: { description: 'settings of isovec serve', properties: { port: port } },
      },
    });
    expect(page).toContain('| `port` | integer | port to listen on; 0 to 65535 |');
    expect(page).toContain('### serve\n\nSettings of `isovec serve`: `port`.');
  });
});

describe('the page of the routes', () => {
  it('has every operation of a server, with a call for each example', async () => {
    const document = await servedDocument();
    const page = httpReference(document);
    const operations = Object.entries(document.paths).flatMap(([route, methods]) =>
      Object.keys(methods).map((method) => `### ${method.toUpperCase()} ${route}`),
    );
    expect(operations.length).toBeGreaterThan(20);
    expect([...page.matchAll(/^### .*$/gm)].map(([heading]) => heading).sort()).toEqual(operations.sort());
    expect(page).toContain("curl 'http://127.0.0.1:8080/v1/embeddings'");
    expect(page).toContain('| `texts` | array of string |');
  });
});

describe('every document', () => {
  it('has a title of its own', () => {
    const files = [...rootDocuments(), ...listFiles(ROOT, 'docs', ['.md'])];
    const titles = files.map((file) => titleOf(readSource(ROOT, file)));
    expect(titles.filter((title, at) => titles.indexOf(title) < at)).toEqual([]);
  });
});

import { mkdirSync } from 'node:fs';
import path from 'node:path';

import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';

import { serveSite, type SiteServer } from './site-server.js';

const PHONE = { width: 360, height: 780 };
const LOOKS = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['phone', { colorScheme: 'light', viewport: PHONE }],
  ['dark phone', { colorScheme: 'dark', viewport: PHONE }],
] as const;
/** One of each kind: text, code, wide tables, long tables, generated references, a file. */
const PAGES = [
  'index',
  'start/library',
  'guides/serve',
  'guides/moving/fastembed',
  'decisions/index',
  'reference/errors',
  'reference/configuration',
  'reference/library/vector',
];
/** Where pictures of the pages are put for whoever wants to look at them. */
const PICTURES = process.env['ISOVEC_SITE_PICTURES'];

let site: SiteServer;
let browser: Browser;

beforeAll(async () => {
  site = await serveSite();
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
});

afterAll(async () => {
  await browser.close();
  site.close();
});

/** Opens a page; whatever the console says, and every request to elsewhere, fails the test in the end. */
async function open(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  context.on('request', (request) => {
    if (!request.url().startsWith(`${site.url}/`)) problems.push(`a request to ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(problems).toEqual([]);
  });
  await page.goto(`${site.url}/${name}.html`, { waitUntil: 'networkidle' });
  return page;
}

const violations = z.array(z.object({ id: z.string(), nodes: z.array(z.string()) }));

/** What axe calls serious or critical. */
async function seriousViolations(page: Page): Promise<z.infer<typeof violations>> {
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    `axe.run(document).then(({ violations }) => violations
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 4).map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary) })))`,
  );
  return violations.parse(found);
}

async function search(page: Page, words: string): Promise<readonly string[]> {
  await page.getByRole('button', { name: 'Search' }).first().click();
  await page.locator('#localsearch-input').fill(words);
  await page.locator('#localsearch-list .result').first().waitFor();
  const results = await page.locator('#localsearch-list .result').all();
  return Promise.all(results.map(async (result) => (await result.getAttribute('href')) ?? ''));
}

describe('the site in a browser', () => {
  it.each(LOOKS)('has nothing that axe calls serious, and nothing that overflows: %s', async (look, options) => {
    for (const name of PAGES) {
      const page = await open(name, options);
      expect(await seriousViolations(page), name).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), name).toBeLessThanOrEqual(0);
      if (PICTURES !== undefined) {
        mkdirSync(PICTURES, { recursive: true });
        await page.screenshot({ path: path.join(PICTURES, `${look}-${name.replaceAll('/', '-')}.png`) });
      }
    }
  });

  it.each([
    ['Qdrant', /guides\/memory-in-qdrant\.html/],
    ['SPACE_MISMATCH', /reference\/errors\.html/],
    ['loadModel', /reference\/library\/main\.html|start\/library\.html/],
  ] as const)('finds %s, without a network', async (words, expected) => {
    const page = await open('index');
    const found = await search(page, words);
    expect(found.some((address) => expected.test(address))).toBe(true);
    await page.locator('#localsearch-list .result').first().click();
    await page.locator('.vp-doc h1').first().waitFor();
  });

  it('says so where nothing is found', async () => {
    const page = await open('index');
    await page.getByRole('button', { name: 'Search' }).first().click();
    await page.locator('#localsearch-input').fill('zzqxjv');
    await page.getByText('No results for').waitFor();
  });

  it('is searched and read on a phone', async () => {
    const page = await open('index', { viewport: PHONE });
    expect((await search(page, 'Qdrant')).some((address) => address.includes('memory-in-qdrant'))).toBe(true);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('link', { name: 'Serve', exact: true }).click();
    await page.waitForURL(`${site.url}/guides/serve.html`);
    await page.getByRole('heading', { level: 1, name: 'Serve' }).waitFor();
  });

  it('is dark when that is chosen, and stays so', async () => {
    const page = await open('index');
    await page.getByRole('switch').first().click();
    expect(await page.evaluate(`document.documentElement.classList.contains('dark')`)).toBe(true);
    await page.reload();
    expect(await page.evaluate(`document.documentElement.classList.contains('dark')`)).toBe(true);
  });
});

import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import type { ServerOptions } from '#src/server/start-server.js';

import { accessibilityViolations, launchBrowser, openPage, type OpenedPage, serveTwo } from './open-page.js';

const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ operationId: z.string(), summary: z.string(), responses: z.looseObject({}) })),
  ),
});
const OUTSIDE_OF_THEIR_PANEL = `[...document.querySelectorAll('.operation *')].filter((element) => {
  const panel = element.closest('.operation').getBoundingClientRect();
  const { left, right, width } = element.getBoundingClientRect();
  return width > 1 && (left < panel.left - 1 || right > panel.right + 1);
}).map(({ outerHTML }) => outerHTML.slice(0, 120))`;
const NARROW_CELLS = `[...document.querySelectorAll('.fields tbody :is(th, td)')].filter(
  (cell) => cell.clientWidth < 0.95 * cell.closest('.fields').clientWidth,
).map(({ textContent }) => textContent)`;
const SUMMARIES_BELOW = `[...document.querySelectorAll('.operation > summary')].filter((summary) => {
  const [address, says] = ['.address', '.says'].map((part) => summary.querySelector(part).getBoundingClientRect());
  return says.left < address.right || says.top >= address.bottom;
}).map(({ textContent }) => textContent)`;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
});

/** The reference of a server, drawn, and the operations of its document. */
async function openReference(context: BrowserContextOptions = {}, options: ServerOptions = {}, hash = '') {
  const { url } = await serveTwo(options);
  const { page }: OpenedPage = await openPage(browser, url, context, /^$/, `/docs${hash}`);
  await page.locator('.operation').first().waitFor();
  const { paths } = documentSchema.parse(await (await fetch(`${url}/openapi.json`)).json());
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
  return { page, url, operations };
}

describe('the API reference', () => {
  it('shows every operation of the document, with its answers', async () => {
    const { page, operations } = await openReference({}, { apiKeys: ['sesame'] });
    expect(operations.length).toBeGreaterThan(10);
    expect(await page.locator('.operation').count()).toBe(operations.length);
    for (const { operationId, method, path, summary, responses } of operations) {
      const line = await page.locator(`#${operationId} > summary`).textContent();
      expect(line).toBe(`${method} ${path} ${summary}`);
      const answers = await page.locator(`#${operationId} .answer > summary strong`).allTextContents();
      expect(answers.sort()).toEqual(Object.keys(responses).sort());
      expect(await page.locator(`.contents a[href="#${operationId}"]`).count()).toBe(1);
    }
    expect(await page.locator('#embed pre').first().textContent()).toContain('Bearer $ISOVEC_API_KEY');
    expect(await page.locator('#live pre').textContent()).not.toContain('Bearer');
  });

  it('shows what a body takes, as alternatives', async () => {
    const { page } = await openReference();
    await page.locator('#embed > summary').click();
    const bodies = page.getByRole('table', { name: 'Body of POST /embed' });
    expect(await bodies.count()).toBe(2);
    const row = bodies.first().locator('tr').filter({ hasText: 'on_error' });
    expect(await row.textContent()).toBe(
      'on_error"fail" | "partial"partial: a bad text gets null and a reason. Default: "fail"',
    );
    expect(await bodies.first().locator('tr').filter({ hasText: 'texts' }).first().textContent()).toContain('required');
  });

  it('finds operations by words and by fields', async () => {
    const { page, operations } = await openReference();
    const filter = page.getByLabel('Filter');
    await filter.fill('similarity sentences');
    const shown = await page.locator('.operation').all();
    expect(await Promise.all(shown.map((one) => one.getAttribute('id')))).toEqual(['similarity']);
    expect(await page.getByRole('status').first().textContent()).toBe(`1 of ${operations.length} operations`);
    await filter.fill('nothing-of-this-name');
    await page.getByText('No operation holds all of these words.').waitFor();
    await filter.fill('');
    expect(await page.locator('.operation').count()).toBe(operations.length);
  });

  it('opens what the address names, by a link and by the keyboard', async () => {
    const { page } = await openReference({}, {}, '#tokenize');
    await page.locator('#tokenize[open]').waitFor();
    expect(await page.locator('.operation[open]').count()).toBe(1);
    await page.locator('.contents a[href="#decode"]').focus();
    await page.keyboard.press('Enter');
    await page.locator('#decode[open]').waitFor();
    expect(await page.evaluate('document.activeElement.parentElement.id')).toBe('decode');
    await page.keyboard.press('Enter');
    await page.locator('#decode:not([open])').waitFor();
    await page.getByRole('button', { name: 'Open all' }).click();
    await page.getByRole('button', { name: 'Close all' }).click();
    expect(await page.locator('.operation[open]').count()).toBe(0);
  });

  it('copies a call, and leads to the playground and back', async () => {
    const { page, url } = await openReference({ permissions: ['clipboard-read', 'clipboard-write'] }, {}, '#embed');
    await page.locator('#embed button').first().click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toBe(await page.locator('#embed pre').first().textContent());
    expect(copied).toContain(`curl '${url}/embed'`);
    await page.getByRole('link', { name: 'Playground' }).click();
    await page.waitForURL(`${url}/`);
    await page.getByRole('link', { name: 'API reference' }).click();
    await page.waitForURL(`${url}/docs`);
    await page.locator('.operation').first().waitFor();
  });

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { colorScheme: 'light', viewport: { width: 360, height: 780 } }],
    ['dark phone', { colorScheme: 'dark', viewport: { width: 360, height: 780 } }],
  ] as const)('axe finds nothing, and nothing overflows: %s', async (_, options) => {
    const { page } = await openReference({ ...options, bypassCSP: true });
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Open all' }).click();
    await page.getByRole('button', { name: 'Close all' }).waitFor();
    await page.evaluate(`document.querySelectorAll('.answer').forEach((answer) => { answer.open = true; })`);
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(await page.evaluate(OUTSIDE_OF_THEIR_PANEL)).toEqual([]);
    // On a phone a cell has the width of its table; elsewhere the summary stands beside the address.
    expect(await page.evaluate('viewport' in options ? NARROW_CELLS : SUMMARIES_BELOW)).toEqual([]);
  });
});

import type { Embedder } from '#src/index.js';
import { type ServerOptions, startServer } from '#src/server/start-server.js';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';

import { loadTiny } from '../engine/support/tiny-model.js';

/** A server with two tiny models, and the first of them. */
export interface TwoModels {
  readonly url: string;
  readonly first: Embedder;
  readonly second: Embedder;
  readonly close: () => Promise<boolean>;
}

/** Starts a server; it is closed after the test. */
export async function serveTwo(options: ServerOptions = {}): Promise<TwoModels> {
  const first = await loadTiny('bert-mean');
  const second = await loadTiny('bert-prompts');
  const models = [
    { name: 'first', embedder: first },
    { name: 'second', embedder: second },
  ];
  const server = await startServer(models, { port: 0, ...options });
  onTestFinished(async () => {
    await server.close(0);
  });
  return { url: server.url, first, second, close: () => server.close(0) };
}

/** The browser of the system, headless. */
export function launchBrowser(): Promise<Browser> {
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  return chromium.launch({ executablePath: '/usr/bin/chromium', args });
}

/** An opened page, and what went wrong in it. */
export interface OpenedPage {
  readonly page: Page;
  /** Errors and warnings of the console, errors of scripts and requests that leave the server; breaches of policy are among them. */
  readonly problems: readonly string[];
  readonly requests: readonly string[];
}

/** Opens a page of a server, the playground unless `path` says another. Unless `tolerated` matches it, a problem fails the test in the end. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  tolerated = /^$/,
  path = '/',
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  context.on('request', (request) => {
    requests.push(request.url());
    if (!request.url().startsWith(`${url}/`)) problems.push(`a request to ${request.url()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(problems.filter((problem) => !tolerated.test(problem))).toEqual([]);
  });
  await page.goto(url + path);
  return { page, problems, requests };
}

/** Waits until nothing is asked of the server any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.views[aria-busy="false"]').waitFor();
}

/** Replaces the texts and embeds them. */
export async function embedTexts(page: Page, texts: readonly string[]): Promise<void> {
  await page.getByRole('textbox', { name: 'Texts', exact: true }).fill(texts.join('\n'));
  await page.getByRole('button', { name: 'Embed' }).click();
  await settled(page);
}

const violationsSchema = z.array(z.object({ id: z.string(), nodes: z.array(z.string()) }));

/** What axe objects to in a page whose context does without the policy, which would keep axe out. */
export async function accessibilityViolations(page: Page): Promise<z.infer<typeof violationsSchema>> {
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    `axe.run(document).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary) })))`,
  );
  return violationsSchema.parse(found);
}

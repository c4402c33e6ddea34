import { similarityMatrix, topK } from '#src/vector/index.js';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { accessibilityViolations, embedTexts, launchBrowser, openPage, serveTwo, settled } from './open-page.js';

const TEXTS = ['the river rose', 'a 😀 café', '<img src="/x" onerror="alert(1)">', 'the old harbour', 'rain'];
const LONG = 'the old harbour '.repeat(60).trim();
const MANY = Array.from({ length: 500 }, (_, at) => `text ${at} of the river ${at % 7}`);
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
});

function shown(score: number): string {
  return score.toFixed(2).replace('-0.00', '0.00');
}

function heatValues(page: Page): Promise<string[]> {
  return page.locator('table.heat td').allTextContents();
}

function neighbours(page: Page): Promise<string[]> {
  return page.locator('.neighbours .text').allTextContents();
}

function has(page: Page, expression: string): Promise<unknown> {
  return page.evaluate(expression);
}

describe('the playground', () => {
  it('embeds its examples at once', async () => {
    const { url } = await serveTwo();
    const { page, requests } = await openPage(browser, url);
    await settled(page);
    expect(await heatValues(page)).toHaveLength(81);
    expect(await neighbours(page)).toHaveLength(9);
    expect(await page.locator('.map .point').count()).toBe(10);
    expect(await page.locator('.timings dd').allTextContents()).toHaveLength(4);
    expect(requests.filter((at) => at.endsWith('/embed'))).toHaveLength(2);
  });

  it("shows the library's similarities, tokens and cuts of texts that are typed, which stay texts", async () => {
    const { url, first } = await serveTwo();
    const { page } = await openPage(browser, url);
    await settled(page);
    const texts = [...TEXTS, LONG];
    await embedTexts(page, texts);
    const vectors = await first.encodeBatch(texts);
    const { data } = similarityMatrix(vectors, vectors, first.info().similarity);
    expect(await heatValues(page)).toEqual(Array.from(data, shown));
    const { texts: tokenized } = await first.tokens.encode(texts);
    expect((await page.locator('.tokens .count').allTextContents()).map((cell) => cell.trim())).toEqual(
      tokenized.map(({ fullTokenCount, truncated }) => `${truncated ? 'cut ' : ''}${fullTokenCount}`),
    );
    expect(tokenized.at(-1)?.truncated).toBe(true);
    await page.locator('table.heat td').nth(1).hover();
    expect(await page.locator('.heat-pair').textContent()).toContain((data[1] ?? NaN).toFixed(4));
  });

  it('ranks neighbours of a query as the library does', async () => {
    const { url, first } = await serveTwo();
    const { page } = await openPage(browser, url);
    await settled(page);
    await embedTexts(page, TEXTS);
    await page.getByLabel('Query').fill('the river in the rain');
    await page.getByRole('button', { name: 'Find' }).click();
    await settled(page);
    const scores = similarityMatrix(
      [await first.encode('the river in the rain')],
      await first.encodeBatch(TEXTS),
      first.info().similarity,
    ).data;
    const best = topK(scores, TEXTS.length);
    expect(await neighbours(page)).toEqual(best.map(({ index }) => TEXTS[index]));
    expect(await page.locator('.neighbours .score').allTextContents()).toEqual(best.map(({ score }) => shown(score)));
  });

  it('lets another model be chosen, and gives it its prompts', async () => {
    const { url, second } = await serveTwo();
    const { page } = await openPage(browser, url);
    await settled(page);
    await embedTexts(page, TEXTS);
    await page.getByLabel('Model').selectOption('second');
    await page.locator('pre').getByText('"second"').waitFor();
    await settled(page);
    const documents = await second.encodeDocument(TEXTS);
    const { data } = similarityMatrix(documents, documents, second.info().similarity);
    expect(await heatValues(page)).toEqual(Array.from(data, shown));
    const query = await page.getByLabel('Query').inputValue();
    const scores = second.similarity([await second.encodeQuery(query)], documents).data;
    expect(await neighbours(page)).toEqual(topK(scores, TEXTS.length).map(({ index }) => TEXTS[index]));
    expect(await page.locator('pre').textContent()).toContain('"input_type": "document"');
  });

  it('copies the calls', async () => {
    const { url } = await serveTwo();
    const { page } = await openPage(browser, url, { permissions: ['clipboard-read', 'clipboard-write'] });
    await settled(page);
    await page.getByRole('tab', { name: 'openai (Python)' }).click();
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').waitFor();
    const copied = await has(page, 'navigator.clipboard.readText()');
    expect(copied).toBe(await page.locator('pre').textContent());
    expect(copied).toContain(`base_url="${url}/v1"`);
  });
});

describe('a server with keys', () => {
  it('is asked with the key that the page asked for, which stays in the tab', async () => {
    const { url } = await serveTwo({ apiKeys: ['sesame'] });
    // Chromium itself writes a line about every answer of 401.
    const { page } = await openPage(browser, url, {}, /status of 401/);
    await page.getByText('This server wants an API key.').waitFor();
    const field = page.getByLabel('Key', { exact: true });
    expect(await has(page, 'document.activeElement.id')).toBe('key');
    await field.fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('is not one of this server').waitFor();
    await field.fill('sesame');
    await page.keyboard.press('Enter');
    await page.locator('.neighbours li').first().waitFor();
    await settled(page);
    expect(await page.locator('pre').textContent()).toContain('Bearer $ISOVEC_API_KEY');
    expect(await has(page, 'document.documentElement.outerHTML')).not.toContain('sesame');
    expect(await has(page, 'JSON.stringify([{ ...localStorage }, document.cookie])')).toBe('[{},""]');
  });
});

describe('what a server refuses', () => {
  it('is said in words', async () => {
    const { url, close } = await serveTwo({ limits: { maxTokens: 200 } });
    const { page } = await openPage(browser, url, {}, /status of 413|ERR_CONNECTION_REFUSED/);
    await settled(page);
    await embedTexts(page, [LONG.repeat(10)]);
    expect(await page.getByRole('alert').textContent()).toMatch(/The request holds \d+ tokens; the limit is 200/);
    await embedTexts(page, TEXTS);
    expect(await page.getByRole('alert').textContent()).toBe('');
    await close();
    await embedTexts(page, TEXTS);
    expect(await page.getByRole('alert').textContent()).toContain('cannot be reached');
  });
});

describe('without a mouse', () => {
  it('everything is reached, used and seen by keyboard', async () => {
    const { url } = await serveTwo();
    const { page } = await openPage(browser, url);
    await settled(page);
    const press = (key: string): Promise<void> => page.keyboard.press(key);
    const focus = (): Promise<unknown> =>
      has(
        page,
        `(() => { const at = document.activeElement; return [at.id || at.textContent.slice(0, 40).trim() || at.className.baseVal || at.tagName, getComputedStyle(at).outlineStyle]; })()`,
      );
    await press('Tab');
    expect(await focus()).toEqual(['model', 'solid']);
    await press('Tab');
    expect(await focus()).toEqual(['API reference', 'solid']);
    await press('Tab');
    expect(await focus()).toEqual(['texts', 'solid']);
    await press('Control+a');
    await page.keyboard.type('the river rose\nrain\na harbour');
    await press('Control+Enter');
    await settled(page);
    expect(await heatValues(page)).toHaveLength(9);
    const stops: unknown[] = [];
    for (let stop = 0; stop < 12; stop++) {
      await press('Tab');
      const at = await focus();
      stops.push(at);
      if (JSON.stringify(at).includes('query')) {
        await press('Control+a');
        await page.keyboard.type('rain');
        await press('Enter');
        await settled(page);
        expect((await neighbours(page))[0]).toBe('rain');
      }
      if (await has(page, `document.activeElement.matches('svg')`)) {
        await press('ArrowRight');
        await press('ArrowRight');
        expect(await page.locator('#map-readout').textContent()).toBe('2: rain');
      }
      if (await has(page, `document.activeElement.matches('td')`)) {
        await press('ArrowDown');
        await press('ArrowRight');
        expect(await page.locator('.heat-pair').textContent()).toContain('2: rain · 3: a harbour');
      }
      if (await has(page, `document.activeElement.matches('[role=tab]')`)) {
        await press('ArrowLeft');
        expect(await page.locator('pre').textContent()).toContain('from openai import OpenAI');
        break;
      }
    }
    expect(stops.every((stop) => Array.isArray(stop) && stop[1] === 'solid')).toBe(true);
    expect(await has(page, `document.activeElement.matches('[role=tab]')`)).toBe(true);
    await press('Tab');
    expect(await focus()).toEqual(['Copy openai (Python)', 'solid']);
  });
});

describe('a long list', () => {
  it('is drawn, within the limits of a request, and read out by the arrow keys', async () => {
    const { url, first } = await serveTwo({ limits: { maxInputs: 100 } });
    const { page, requests } = await openPage(browser, url, { viewport: { width: 360, height: 780 } });
    await settled(page);
    const before = requests.length;
    await embedTexts(page, MANY);
    expect(requests.slice(before).filter((at) => at.endsWith('/embed'))).toHaveLength(5);
    const canvas = page.locator('canvas');
    await canvas.focus();
    await page.keyboard.press('ArrowDown');
    const [a, b] = [await first.encode(MANY[1] ?? ''), await first.encode(MANY[1] ?? '')];
    expect(await page.locator('.heat-pair').textContent()).toContain(
      `${first.similarity([a], [b]).data[0]?.toFixed(4)} 2: text 1`,
    );
    // The picture has more than one shade.
    const shades = await has(
      page,
      `new Set(new Uint32Array(document.querySelector('canvas').getContext('2d').getImageData(0, 0, 500, 500).data.buffer)).size`,
    );
    expect(shades).toBeGreaterThan(4);
    expect(await has(page, 'document.documentElement.scrollWidth')).toBe(360);
    expect(await page.locator('.tokens tbody tr').count()).toBe(500);
  });
});

describe('for everyone', () => {
  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { colorScheme: 'light', viewport: { width: 360, height: 780 } }],
    ['dark phone', { colorScheme: 'dark', viewport: { width: 360, height: 780 } }],
  ] as const)('axe finds nothing, and nothing overflows: %s', async (_, options) => {
    const { url } = await serveTwo();
    const { page } = await openPage(browser, url, { ...options, bypassCSP: true });
    await settled(page);
    await embedTexts(page, [...TEXTS, LONG, ...MANY.slice(0, 6)]);
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(await has(page, 'document.documentElement.scrollWidth - innerWidth')).toBe(0);
    await embedTexts(page, MANY.slice(0, 31));
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('axe finds nothing where a key is asked for, nor in an error', async () => {
    const { url } = await serveTwo({ apiKeys: ['sesame'], limits: { maxTokens: 200 } });
    const { page } = await openPage(browser, url, { bypassCSP: true }, /status of 4(01|13)/);
    await page.getByLabel('Key', { exact: true }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByLabel('Key', { exact: true }).fill('sesame');
    await page.keyboard.press('Enter');
    await page.locator('.neighbours li').first().waitFor();
    await settled(page);
    await embedTexts(page, [LONG.repeat(10)]);
    expect(await page.getByRole('alert').textContent()).not.toBe('');
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('nothing moves where that is not wanted', async () => {
    const { url } = await serveTwo();
    const moves = async (reducedMotion: 'reduce' | 'no-preference'): Promise<unknown> => {
      const { page } = await openPage(browser, url, { reducedMotion });
      await settled(page);
      return has(
        page,
        `[...document.querySelectorAll('*')].some((at) => getComputedStyle(at).transitionDuration !== '0s' || getComputedStyle(at).animationName !== 'none')`,
      );
    };
    expect(await moves('no-preference')).toBe(true);
    expect(await moves('reduce')).toBe(false);
  });
});

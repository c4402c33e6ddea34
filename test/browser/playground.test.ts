import { createCognitiveEncoder, createInMemoryStore, Memory, type MemoryStore } from '#src/memory/index.js';
import type { ServerOptions } from '#src/server/index.js';
import { similarityMatrix, topK } from '#src/vector/index.js';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  accessibilityViolations,
  embedTexts,
  launchBrowser,
  openPage,
  serveTwo,
  settled,
  type TwoModels,
} from './open-page.js';

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

/** A server with an empty memory, and the same memory as the library has it. */
async function serveMemory(options: ServerOptions = {}): Promise<TwoModels & { readonly memory: Memory }> {
  let made: MemoryStore | undefined;
  const server = await serveTwo({
    memory: { store: (space) => Promise.resolve((made = createInMemoryStore(space))) },
    ...options,
  });
  if (made === undefined) throw new Error('no store was asked for');
  return { ...server, memory: new Memory({ store: made, encoder: createCognitiveEncoder(server.first) }) };
}

async function openMemory(page: Page): Promise<void> {
  await settled(page);
  await page.getByRole('tab', { name: 'Memory' }).click();
  await calm(page);
}

/** Waits until the memory is asked for nothing any more. */
async function calm(page: Page): Promise<void> {
  await page.locator('.memory[aria-busy="false"]').waitFor();
}

function status(page: Page): Promise<string[]> {
  return page.locator('.memory .timings dd').allTextContents();
}

describe('the memory tab', () => {
  it('is not there where no memory is served', async () => {
    const { url } = await serveTwo();
    const { page, requests } = await openPage(browser, url);
    await settled(page);
    expect(await page.getByRole('tab', { name: 'Memory' }).count()).toBe(0);
    expect(requests.filter((at) => at.includes('/memory/'))).toEqual([]);
  });

  it('remembers a text with tags and kind, which stays a text', async () => {
    const { url, memory } = await serveMemory();
    const { page } = await openPage(browser, url);
    await openMemory(page);
    expect(await status(page)).toEqual(['0', '0', '0', '0']);
    const [, , hostile = ''] = TEXTS;
    await page.getByLabel('Remember', { exact: true }).fill(hostile);
    await page.getByLabel('Tags', { exact: true }).fill('deploy, <b>bold</b>,, deploy ');
    await page.getByLabel('Kind', { exact: true }).selectOption('semantic');
    await page.getByRole('button', { name: 'Remember' }).click();
    await page.getByText('Remembered.').waitFor();
    await calm(page);
    const records = await memory.store.list({ limit: 5 });
    expect(records).toMatchObject([{ content: hostile, tags: ['<b>bold</b>', 'deploy'], kind: 'semantic' }]);
    expect(await status(page)).toEqual(['1', '0', '1', '0']);
    expect(await page.locator('.memories .content').allTextContents()).toEqual([hostile]);
    expect(await page.locator('.memories .tag').allTextContents()).toEqual(['<b>bold</b>', 'deploy']);
    expect(await page.getByLabel('Remember', { exact: true }).inputValue()).toBe('');
  });

  it("recalls the library's groups, each memory with its score and what that is made of", async () => {
    const { url, memory } = await serveMemory();
    await memory.remember(
      ['the river rose', 'bread is baked at dawn', 'the old harbour'].map((content, at) => ({ content, id: `m${at}` })),
    );
    await memory.relate([{ from: 'm0', to: 'm1', weight: 1 }]);
    const { page } = await openPage(browser, url);
    await openMemory(page);
    const expected = await memory.recall('the river rose', { touch: false });
    await page.getByLabel('What to think of').fill('the river rose');
    await page.keyboard.press('Enter');
    await page.getByText(/memor(y|ies).*: the river rose/).waitFor();
    await calm(page);
    const all = [...expected.core, ...expected.peripheral, ...expected.nearest, ...expected.bridges];
    expect(await page.locator('.group .content').allTextContents()).toEqual(all.map(({ record }) => record.content));
    expect(await page.locator('.group .score').allTextContents()).toEqual(
      all.map(({ value }) => `Score ${shown(value)}`),
    );
    const [best] = expected.core;
    expect(best?.record.id).toBe('m0');
    expect(await page.locator('.group .note').first().textContent()).toBe(
      `similarity ${shown(best?.parts.similarity ?? NaN)} + importance ${shown(best?.parts.importance ?? NaN)}`,
    );
    expect(await page.locator('.group h3').allTextContents()).toContain('Core: what answers');
    // Looking counts as an access, as anywhere.
    expect((await memory.get(['m0']))[0]?.accessCount).toBe(1);
  });

  it('shows memories page by page, by tags and kinds, and long ones when they are opened', async () => {
    const { url, memory } = await serveMemory();
    await memory.remember([
      ...Array.from({ length: 44 }, (_, at) => ({ content: `text ${at}`, id: `m${at + 10}`, tags: [`t${at % 2}`] })),
      { content: LONG, id: 'a', kind: 'semantic' as const },
    ]);
    const { page } = await openPage(browser, url);
    await openMemory(page);
    const items = page.locator('.memories.plain li');
    expect(await items.count()).toBe(20);
    await page.getByRole('button', { name: 'More' }).click();
    await expect.poll(() => items.count()).toBe(40);
    await page.getByRole('button', { name: 'More' }).click();
    await expect.poll(() => items.count()).toBe(45);
    expect(await page.getByRole('button', { name: 'More' }).count()).toBe(0);
    expect((await items.first().locator('.content').textContent())?.length).toBeLessThan(LONG.length);
    await page.getByRole('button', { name: 'All of it' }).click();
    expect(await items.first().locator('.content').textContent()).toContain(LONG);
    await page.getByLabel('With one of these tags').fill('t1');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => items.count()).toBe(20);
    expect(await items.first().locator('.content').textContent()).toBe('text 1');
    await page.getByLabel('With one of these tags').fill('');
    await page.getByLabel('Of this kind').selectOption('semantic');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await expect.poll(() => items.count()).toBe(1);
  });

  it('forgets a memory when that is confirmed, and not before', async () => {
    const { url, memory } = await serveMemory();
    await memory.remember([
      { content: 'to be kept', id: 'a' },
      { content: 'to be forgotten', id: 'b' },
    ]);
    const { page } = await openPage(browser, url);
    await openMemory(page);
    const dialog = page.getByRole('dialog', { name: 'Forget this memory?' });
    const button = page.getByRole('button', { name: 'Forget to be forgotten' });
    await button.click();
    await dialog.getByText('to be forgotten').waitFor();
    expect(await has(page, 'document.activeElement.textContent')).toBe('Keep it');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await has(page, 'document.activeElement.textContent')).toBe('Forget to be forgotten');
    await button.click();
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    expect((await memory.status()).records).toBe(2);
    await button.click();
    await dialog.getByRole('button', { name: 'Forget it' }).click();
    await page.getByText('Forgotten.').waitFor();
    await calm(page);
    expect((await memory.get(['a', 'b'])).map((record) => record?.id)).toEqual(['a', undefined]);
    expect(await page.locator('.memories.plain .content').allTextContents()).toEqual(['to be kept']);
    expect(await has(page, 'document.activeElement.id')).toBe('browse-title');
  });

  it('says in words what went wrong, and asks for a key', async () => {
    const { url, memory } = await serveMemory();
    await memory.remember([{ content: 'gone soon', id: 'a' }]);
    const { page } = await openPage(browser, url, {}, /status of 404/);
    await openMemory(page);
    await memory.forget({ ids: ['a'] });
    await page.getByRole('button', { name: 'Forget gone soon' }).click();
    await expect.poll(() => page.getByRole('alert').textContent()).toContain('No memory with these ids');
    expect(await page.getByRole('dialog').count()).toBe(0);
    const keyed = await serveMemory({ apiKeys: ['sesame'] });
    const locked = await openPage(browser, keyed.url, {}, /status of 401/);
    await locked.page.getByLabel('Key', { exact: true }).fill('sesame');
    await locked.page.keyboard.press('Enter');
    await openMemory(locked.page);
    await locked.page.evaluate(`sessionStorage.clear()`);
    await locked.page.getByLabel('What to think of').fill('x');
    await locked.page.keyboard.press('Enter');
    await locked.page.getByText('This server wants an API key.').waitFor();
  });

  it('is reached and used by keyboard, and leaves the other tab as it is', async () => {
    const { url, memory } = await serveMemory();
    const { page } = await openPage(browser, url);
    await settled(page);
    await embedTexts(page, TEXTS);
    const press = (key: string): Promise<void> => page.keyboard.press(key);
    await page.getByLabel('Model').focus();
    await press('Tab');
    expect(await has(page, 'document.activeElement.textContent')).toBe('Texts');
    await press('ArrowRight');
    expect(await has(page, 'document.activeElement.textContent')).toBe('Memory');
    await calm(page);
    await press('Tab');
    await press('Tab');
    expect(await has(page, 'document.activeElement.id')).toBe('content');
    await page.keyboard.type('the river rose');
    await press('Control+Enter');
    await page.getByText('Remembered.').waitFor();
    await calm(page);
    const stops: unknown[] = [];
    for (let stop = 0; stop < 12; stop++) {
      await press('Tab');
      stops.push(
        await has(
          page,
          `(() => { const at = document.activeElement; return [at.id || at.textContent, getComputedStyle(at).outlineStyle]; })()`,
        ),
      );
      if (JSON.stringify(stops.at(-1)).includes('Forget the river')) break;
    }
    expect(stops.map((stop) => (Array.isArray(stop) ? String(stop[0]) : ''))).toEqual([
      'tags',
      'kind',
      'recall',
      'Recall',
      'browse-tags',
      'browse-kind',
      'Show',
      'Forget the river rose',
    ]);
    expect(stops.every((stop) => Array.isArray(stop) && stop[1] === 'solid')).toBe(true);
    await press('Enter');
    await page.getByRole('dialog').getByText('the river rose').waitFor();
    await press('Shift+Tab');
    await press('Enter');
    await expect.poll(async () => (await memory.status()).records).toBe(0);
    await page.getByRole('tab', { name: 'Texts' }).click();
    expect(await heatValues(page)).toHaveLength(TEXTS.length ** 2);
  });

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { colorScheme: 'light', viewport: { width: 360, height: 780 } }],
    ['dark phone', { colorScheme: 'dark', viewport: { width: 360, height: 780 } }],
  ] as const)('axe finds nothing, and nothing overflows: %s', async (_, options) => {
    const { url, memory } = await serveMemory();
    await memory.remember([
      { content: 'the river rose', id: 'a', tags: ['x'.repeat(100), 'deploy'] },
      { content: LONG, source: { path: '/notes/' + 'long'.repeat(40), type: 'markdown' } },
      { content: 'unbroken'.repeat(60) },
    ]);
    const { page } = await openPage(browser, url, { ...options, bypassCSP: true });
    await openMemory(page);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByLabel('What to think of').fill('the river rose');
    await page.keyboard.press('Enter');
    await page.locator('.group').first().waitFor();
    await calm(page);
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(await has(page, 'document.documentElement.scrollWidth - innerWidth')).toBe(0);
    await page.getByRole('button', { name: 'Forget the river rose' }).click();
    await page.getByRole('dialog').getByText('the river rose').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(await has(page, 'document.documentElement.scrollWidth - innerWidth')).toBe(0);
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

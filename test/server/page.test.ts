import { request } from 'node:http';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { testServer } from './support/running-server.js';

const ASSETS = path.resolve(import.meta.dirname, '../../page/dist/assets');
const KEBIBYTE = 1024;

/** Asks without cleaning the path, as fetch would. */
function statusOf(url: string, rawPath: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: rawPath }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once('error', reject)
      .end();
  });
}

describe.each([
  ['/', 'playground'],
  ['/docs', 'API reference'],
])('the page at %s', (address, title) => {
  it('is open while keys are wanted, and lets nothing in from elsewhere', async () => {
    const { get } = await testServer({ apiKeys: ['sesame'] });
    const { status, headers, body } = await get(address);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect((await get('/info')).status).toBe(401);
    const page = String(body);
    expect(page).toContain(`<title>isovec ${title}</title>`);
    expect(page).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/i);
    expect(page).not.toMatch(/(?:src|href)="(?!\.\/)/);
  });

  it('answers HEAD without a body, and 304 to who has it', async () => {
    const { get } = await testServer();
    const whole = await get(address);
    const etag = whole.headers.get('etag') ?? '';
    const head = await get(address, { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    for (const name of ['content-length', 'content-type', 'etag', 'content-security-policy']) {
      expect(head.headers.get(name)).toBe(whole.headers.get(name));
    }
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(address, { headers: { 'if-none-match': tags } });
      expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, '', etag]);
      expect(again.headers.get('content-security-policy')).toBeTruthy();
    }
    expect((await get(address, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('takes no other method', async () => {
    const { post } = await testServer();
    const posted = await post(address, {});
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('the files of both pages', () => {
  it('are all named, have their types and are kept for ever; together they stay small', async () => {
    const { get, url } = await testServer({ apiKeys: ['sesame'] });
    const documents = [await get('/'), await get('/docs')].map(({ body }) => String(body));
    const named = new Set(
      documents.flatMap((document) =>
        [...document.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)].map(([, file = '']) => file),
      ),
    );
    expect([...named].map((file) => path.basename(file)).sort()).toEqual(readdirSync(ASSETS).sort());
    const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
    let bytes = Buffer.byteLength(documents.join(''));
    for (const file of named) {
      const response = await fetch(url + file);
      const text = await response.text();
      bytes += Buffer.byteLength(text);
      expect(response.headers.get('content-type')).toContain(types[path.extname(file)]);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      // Namespaces are names, not addresses; everything else that begins so would leave this server.
      const elsewhere = (text.match(/https?:\/\/[^"'`\s)]+/g) ?? []).filter(
        (at) => !at.startsWith('http://www.w3.org/'),
      );
      expect(elsewhere).toEqual([]);
    }
    expect(bytes).toBeLessThan(120 * KEBIBYTE);
  });

  it('are all that there is', async () => {
    const { get, url } = await testServer();
    expect((await get('/assets/other.js')).status).toBe(404);
    for (const escape of [
      '/assets/../index.html',
      '/assets/..%2f..%2f..%2fpackage.json',
      '/assets/',
      '/index.html',
      '/docs.html',
    ]) {
      expect(await statusOf(url, escape)).toBe(404);
    }
  });
});

describe('what the page asks for', () => {
  it('GET /info tells of the model that is named, and of its similarity', async () => {
    const { get, model } = await testServer();
    expect((await get('/info?model=tiny')).body).toMatchObject({
      model_id: 'tiny',
      similarity: model.info().similarity,
    });
    const { status, body } = await get('/info?model=other');
    expect([status, body]).toMatchObject([404, { code: 'MODEL_NOT_FOUND' }]);
  });

  it('POST /embed counts the tokens of each text', async () => {
    const { post, model } = await testServer();
    const texts = ['the river rose', '', 'the old harbour '.repeat(400)];
    const { texts: tokenized } = await model.tokens.encode(texts);
    const { body } = await post('/embed', { texts });
    expect(body).toMatchObject({ tokens: tokenized.map(({ fullTokenCount }) => fullTokenCount), truncated: [2] });
  });
});

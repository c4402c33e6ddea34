/** What must be in no log line and no metric, whatever becomes of a request. */
export const SECRET = 'hush7f3a';
const KEY = `key-${SECRET}`;

/** A request that holds secrets. */
export interface SecretRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const LONG = `${SECRET} harbour `.repeat(400);

const BODIES: readonly (readonly [path: string, ...bodies: readonly unknown[]])[] = [
  ['/v1/embeddings', { model: 'tiny', input: SECRET }, { model: SECRET, input: 'a' }, { model: 'tiny', input: LONG }],
  ['/v1/embeddings', { model: 'tiny', input: 'a', [SECRET]: 1 }, { model: 'tiny', input: 'a', user: SECRET }],
  ['/embeddings', { model: 'tiny', input: [SECRET, `${SECRET}\ud800`] }],
  ['/embed', { texts: [SECRET] }, { inputs: SECRET }, { texts: [SECRET], pooling: SECRET }],
  ['/embed', { texts: [SECRET, '\ud800'], on_error: 'partial' }, { texts: [SECRET], prompt_name: SECRET }],
  ['/embed', { texts: [SECRET], on_error: SECRET }, { inputs: LONG }, [SECRET], { __proto__: null, texts: SECRET }],
  ['/embed_all', { inputs: SECRET }],
  ['/similarity', { a: [SECRET] }, { inputs: { source_sentence: SECRET, sentences: [SECRET] } }],
  ['/tokenize', { inputs: SECRET }, { inputs: SECRET, prompt_name: SECRET }],
  ['/decode', { ids: [1, 2, 3] }, { ids: SECRET }],
  ['/rerank', { query: SECRET, texts: [SECRET] }],
  ['/v1/rerank', { query: SECRET, documents: [SECRET] }],
  ['/embed_sparse', { inputs: SECRET }],
  ['/predict', { inputs: SECRET }],
];

/** A request on every route and into every error that a client can cause, all of them with secrets; `key` lets them in. */
function secretRequests(key: string): readonly SecretRequest[] {
  const json = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const sent = BODIES.flatMap(([path, ...bodies]) =>
    bodies.map((body) => ({ path, method: 'POST', headers: json, body: JSON.stringify(body) })),
  );
  const text = JSON.stringify({ texts: [SECRET] });
  const post = { path: '/embed', method: 'POST', body: text };
  return [
    ...sent,
    { ...post, headers: { ...json, authorization: `Bearer ${KEY}` } },
    { ...post, headers: { ...json, authorization: `Basic ${KEY}`, 'x-api-key': KEY } },
    { ...post, headers: { 'content-type': 'application/json' } },
    { ...post, headers: { ...json, 'content-type': `text/${SECRET}` } },
    { ...post, headers: { ...json, 'content-encoding': SECRET } },
    { ...post, headers: { ...json, 'x-isovec-priority': SECRET } },
    { ...post, headers: { ...json, 'x-request-timeout-ms': SECRET } },
    { ...post, headers: { ...json, 'x-request-id': `not an id ${SECRET}`, traceparent: SECRET, cookie: SECRET } },
    { ...post, headers: json, body: `{"texts": ["${SECRET}"` },
    { ...post, headers: json, body: `{"__proto__": "${SECRET}"}` },
    { path: `/${SECRET}?key=${SECRET}`, headers: json },
    { path: `/v1/models/${SECRET}`, headers: json },
    { path: `/embed?key=${SECRET}`, headers: json },
    { path: `/${SECRET}`, method: 'DELETE', headers: json },
    ...['/info', '/v1/models', '/health', '/openapi.json'].map((path) => ({
      path: `${path}?key=${SECRET}`,
      headers: json,
    })),
  ];
}

/** Sends them one after another; gives the statuses. */
export async function sendSecrets(url: string, key: string): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const { path, ...init } of secretRequests(key)) {
    const response = await fetch(url + path, init);
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  return statuses;
}

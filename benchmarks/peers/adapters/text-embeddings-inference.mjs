// A running text-embeddings-inference server: lists of 32, as many at a time as keep it busy.
import { inBatches, serve } from './serve.mjs';

const LIST = 32;
const AT_A_TIME = 8;

serve(async ({ url }) => {
  const ask = async (path, body) => {
    const response = await fetch(new URL(path, url.endsWith('/') ? url : `${url}/`), body);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const embedList = (texts) =>
    ask('embed', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: texts, truncate: true }),
    });
  const { version } = await ask('info');
  return {
    embed: (texts) =>
      inBatches(texts, LIST * AT_A_TIME, async (part) => {
        const lists = Array.from({ length: Math.ceil(part.length / LIST) }, (_, at) =>
          embedList(part.slice(at * LIST, (at + 1) * LIST)),
        );
        return (await Promise.all(lists)).flat();
      }),
    versions: { 'text-embeddings-inference': version },
  };
});

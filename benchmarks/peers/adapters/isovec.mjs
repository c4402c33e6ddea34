// isovec through its public interface, with every option at its default but the one in question.
import { readFile } from 'node:fs/promises';

import { serve } from './serve.mjs';

serve(async ({ model, dtype }) => {
  const { loadModel } = await import('../../../dist/index.js');
  const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  const embedder = await loadModel(model, dtype === undefined ? {} : { dtype });
  return {
    embed: async (texts) => (await embedder.encodeBatch(texts)).data,
    embedOne: (text) => embedder.encode(text),
    close: () => embedder.close(),
    versions: { isovec: version },
  };
});

// transformers.js on a local folder, with the pipeline call of its own documentation.
import path from 'node:path';

import { importFrom, inBatches, inSortedBatches, rowsOf, serve } from './serve.mjs';

serve(async ({ installation, folder, dtype, way, size }) => {
  const { library, version } = await importFrom(installation, '@huggingface/transformers');
  const { env, pipeline } = library;
  env.allowRemoteModels = false;
  env.localModelPath = `${path.dirname(folder)}/`;
  const extract = await pipeline('feature-extraction', path.basename(folder), { dtype });
  const embedList = async (texts) =>
    rowsOf((await extract(texts, { pooling: 'mean', normalize: true })).data, texts.length);
  const ways = {
    single: (texts) => inBatches(texts, 1, embedList),
    arrays: (texts) => inBatches(texts, size, embedList),
    sorted: (texts) => inSortedBatches(texts, size, embedList),
  };
  return {
    embed: ways[way],
    tokenIds: (texts) =>
      texts.map((text) => Array.from(extract.tokenizer(text, { truncation: true }).input_ids.data, Number)),
    close: () => extract.dispose(),
    versions: { '@huggingface/transformers': version },
  };
});

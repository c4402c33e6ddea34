// What one writes by hand: the official tokenizer, one session with default options, padded batches of texts of about
// equal length. The graph's own second output is the pooled, normalised vector.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { importFrom, inSortedBatches, rowsOf, serve } from './serve.mjs';

serve(async ({ installation, folder, graph, size, maxSequenceLength }) => {
  const { library, version } = await importFrom(installation, 'onnxruntime-node');
  const { library: tokenizers, version: tokenizersVersion } = await importFrom(installation, 'tokenizers');
  const { InferenceSession, Tensor } = library;
  const tokenizer = tokenizers.Tokenizer.fromString(await readFile(path.join(folder, 'tokenizer.json'), 'utf8'));
  tokenizer.setTruncation(maxSequenceLength);
  tokenizer.disablePadding();
  const session = await InferenceSession.create(path.join(folder, graph));
  const encode = async (texts) => (await tokenizer.encodeBatch(texts)).map((encoding) => encoding.getIds());

  async function embedIds(lists) {
    const length = Math.max(...lists.map((ids) => ids.length));
    const ids = new BigInt64Array(lists.length * length);
    const mask = new BigInt64Array(lists.length * length);
    for (const [row, list] of lists.entries()) {
      for (const [at, id] of list.entries()) {
        ids[row * length + at] = BigInt(id);
        mask[row * length + at] = 1n;
      }
    }
    const shape = [lists.length, length];
    const { sentence_embedding: rows } = await session.run({
      input_ids: new Tensor('int64', ids, shape),
      attention_mask: new Tensor('int64', mask, shape),
      token_type_ids: new Tensor('int64', new BigInt64Array(ids.length), shape),
    });
    return rowsOf(rows.data, lists.length);
  }
  return {
    embed: async (texts) => inSortedBatches(await encode(texts), size, embedIds, (ids) => ids.length),
    tokenIds: encode,
    close: () => session.release(),
    versions: { 'onnxruntime-node': version, tokenizers: tokenizersVersion },
  };
});

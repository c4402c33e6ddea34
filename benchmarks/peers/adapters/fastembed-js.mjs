// fastembed-js on a local folder.
import { importFrom, serve } from './serve.mjs';

serve(async ({ installation, folder, size }) => {
  const { library, version } = await importFrom(installation, 'fastembed');
  const { EmbeddingModel, FlagEmbedding } = library;
  const embedding = await FlagEmbedding.init({
    model: EmbeddingModel.CUSTOM,
    modelAbsoluteDirPath: folder,
    modelName: 'onnx/model.onnx',
  });
  return {
    async embed(texts) {
      const rows = [];
      for await (const batch of embedding.embed(texts, size)) rows.push(...batch);
      return rows;
    },
    async tokenIds(texts) {
      const encodings = await Promise.all(texts.map((text) => embedding.tokenizer.encode(text)));
      return encodings.map((encoding) => {
        const mask = encoding.getAttentionMask();
        return encoding.getIds().filter((_, at) => mask[at] === 1);
      });
    },
    versions: { fastembed: version },
  };
});

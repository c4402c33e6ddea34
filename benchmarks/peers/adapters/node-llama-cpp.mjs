// node-llama-cpp on a GGUF file. It takes one text at a time and refuses texts beyond its context, so long ones are cut
// here as the model wants it: the first tokens, then the last special token.
import { importFrom, inBatches, serve } from './serve.mjs';

serve(async ({ installation, file, maxSequenceLength }) => {
  const { library, version } = await importFrom(installation, 'node-llama-cpp');
  const llama = await library.getLlama({ gpu: false, build: 'never', skipDownload: true });
  const model = await llama.loadModel({ modelPath: file });
  const context = await model.createEmbeddingContext({
    // A text of just the limit is refused by a context of just its size.
    contextSize: maxSequenceLength + 64,
    // Its default takes more threads than there are cores, and they wait for each other in busy loops.
    threads: llama.cpuMathCores,
  });
  const { bos, eos, sep } = model.tokens;
  const end = sep ?? eos;
  const idsOf = (text) => {
    const ids = model.tokenize(text);
    return [bos, ...ids.filter((id) => id !== bos && id !== end).slice(0, maxSequenceLength - 2), end];
  };
  const embedOne = async (text) => {
    const ids = model.tokenize(text);
    // Of a text without tokens it would give no vector at all; with the first special token it adds the last.
    const input = ids.length === 0 ? [bos] : ids.length > maxSequenceLength - 2 ? idsOf(text).slice(1, -1) : text;
    const { vector } = await context.getEmbeddingFor(input);
    return normalized(vector);
  };
  return {
    embed: (texts) => inBatches(texts, 1, async ([text]) => [await embedOne(text)]),
    tokenIds: (texts) => texts.map(idsOf),
    close: () => llama.dispose(),
    versions: { 'node-llama-cpp': version },
  };
});

function normalized(vector) {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

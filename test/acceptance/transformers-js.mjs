// Loads portable folders in transformers.js: node transformers-js.mjs PACKAGE_JSON MANIFEST
// The manifest is what accept-transformers-js.ts writes; the package file is of the folder that holds the library.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

process.env.ORT_DISABLE_TELEMETRY ??= '1';
const [packageFile, manifest] = process.argv.slice(2);
const resolved = createRequire(packageFile).resolve('@huggingface/transformers');
const library = await import(pathToFileURL(resolved));
const { env, pipeline } = library.default ?? library;
env.allowRemoteModels = false;

// What the pipeline's own pooling can express; the graph's other output is not among what it reads.
const MEAN = { pooling: 'mean', normalize: true };
const POOLINGS = { 'all-MiniLM-L6-v2': MEAN, 'all-MiniLM-L6-v2-int8': MEAN };
const BATCH = 16;

let failed = false;
for (const reference of JSON.parse(await readFile(manifest, 'utf8'))) {
  const pooling = POOLINGS[reference.name];
  if (pooling === undefined) continue;
  env.localModelPath = `${path.dirname(reference.folder)}/`;
  const extract = await pipeline('feature-extraction', path.basename(reference.folder), {
    dtype: reference.graph.endsWith('model_quantized.onnx') ? 'q8' : 'fp32',
  });
  let worst = 0;
  let least = 1;
  let wrongTokens = 0;
  const { texts, inputIds, vectors } = reference;
  for (let begin = 0; begin < texts.length; begin += BATCH) {
    const part = texts.slice(begin, begin + BATCH);
    const { data, dims } = await extract(part, pooling);
    for (const [row, text] of part.entries()) {
      const expected = vectors[begin + row];
      const { input_ids: ids } = await extract.tokenizer(text, { truncation: true });
      const same =
        ids.data.length === inputIds[begin + row].length &&
        inputIds[begin + row].every((id, i) => Number(ids.data[i]) === id);
      // transformers.js tokenizes with code of its own; where its ids differ, so may its vectors.
      if (!same) {
        wrongTokens++;
        continue;
      }
      let cosine = 0;
      for (let i = 0; i < dims[1]; i++) {
        worst = Math.max(worst, Math.abs(data[row * dims[1] + i] - expected[i]));
        cosine += data[row * dims[1] + i] * expected[i];
      }
      least = Math.min(least, cosine / Math.hypot(...expected));
    }
  }
  const compared = texts.length - wrongTokens;
  console.log(
    `${reference.name}: ${compared} of ${texts.length} texts with equal token ids, max abs error ${worst.toExponential(2)}, cosine ${least.toFixed(5)}`,
  );
  if (worst > reference.tolerance || least < (reference.leastCosine ?? -1) || compared < texts.length * 0.9)
    failed = true;
}
if (failed) process.exitCode = 1;

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { quantizeUncalibrated } from '#src/convert/index.js';
import { ownProcessorProducts, safeWeightBits } from '#src/engine/quantize/processor-products.js';
import { decodeOnnxModel } from '#src/formats/onnx/index.js';
import { describe, expect, it } from 'vitest';

import { int8Session, LONGEST, runTexts } from './int8-session.js';
import { convertFolder, expectedOf, maxAbsoluteError, PortableSession, tinyFolder } from './portable-model.js';

// What is run here must be exact here; a file for elsewhere has 8 bits by default.
const weightBits = safeWeightBits(await ownProcessorProducts());
const quantize: NonNullable<Parameters<typeof convertFolder>[1]>['quantize'] = ({ encoder }) =>
  quantizeUncalibrated(encoder, { weightBits });

describe('the portable int8 graph', () => {
  it.each(['bert-mean', 'bert-max', 'bert-cls', 'bert-dense', 'bert-multipool'])(
    '%s gives the vectors of the native int8 graph alone and in padded batches',
    async (name) => {
      const native = await int8Session(tinyFolder(name), 1);
      const written = await convertFolder(tinyFolder(name), { quantize });
      expect(written.graph).toBe('onnx/model_quantized.onnx');
      const portable = await PortableSession.load(written.folder, written.graph);
      const texts = expectedOf(name).input_ids.filter((ids) => ids.length < LONGEST);
      const length = Math.max(...texts.map((ids) => ids.length)) + 3;
      const errors: number[] = [];
      for (const size of [1, 4, texts.length]) {
        for (let begin = 0; begin < texts.length; begin += size) {
          const batch = texts.slice(begin, begin + size);
          const { embeddings } = await portable.run(batch, size === 1 ? {} : { length, padId: 7 });
          for (const [row, ids] of batch.entries()) {
            errors.push(maxAbsoluteError(embeddings[row] ?? [], await runTexts(native, [ids])));
          }
        }
      }
      errors.sort((a, b) => a - b);
      // A value in the middle between two steps may be rounded to the other one: rare, and worth a step.
      expect(errors[Math.trunc(errors.length / 2)]).toBeLessThan(2e-5);
      expect(errors.at(-1)).toBeLessThan(0.05);
    },
  );

  it.each([18, 21, 26])(
    'has standard operators only, and weights beside it if asked: operator set %i',
    async (opset) => {
      const written = await convertFolder(tinyFolder('bert-dense'), { quantize, opset, externalData: true });
      const graph = path.join(written.folder, written.graph);
      const model = decodeOnnxModel(await readFile(graph), 'graph');
      expect(model.opsets).toEqual([{ domain: '', version: opset }]);
      expect(new Set(model.nodes.map(({ domain }) => domain))).toEqual(new Set(['']));
      expect(model.nodes.some(({ opType }) => opType === 'MatMulInteger')).toBe(true);
      expect((await stat(`${graph}_data`)).size).toBeGreaterThan(0);
      const session = await PortableSession.load(written.folder, written.graph);
      const { input_ids: ids, vectors } = expectedOf('bert-dense');
      const { embeddings } = await session.run(ids);
      embeddings.forEach((row, i) => {
        expect(maxAbsoluteError(row, vectors[i] ?? [])).toBeLessThan(0.05);
      });
    },
  );
});

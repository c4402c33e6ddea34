import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { convertToNative, listFolderFiles, quantizeUncalibrated, readModelRecord } from '#src/convert/index.js';
import type { QuantizedEncoder } from '#src/convert/quantize/quantized-encoder.js';
import { ownProcessorProducts, safeWeightBits } from '#src/engine/quantize/processor-products.js';
import { NativeSession } from '#src/runtime/sessions/native-session.js';
import { onTestFinished } from 'vitest';

import { temporaryFolder } from './portable-model.js';

/** An int8 graph of a checkpoint, with what it was written from. */
export interface Int8Session {
  readonly session: NativeSession;
  readonly encoder: QuantizedEncoder;
  readonly dimensions: number;
}

/** Longest text of these sessions. */
export const LONGEST = 64;

/** Loads the int8 graph of a folder; `change` may make another encoder of the uncalibrated one. */
export async function int8Session(
  folder: string,
  threads: number,
  change: (encoder: QuantizedEncoder) => QuantizedEncoder = (encoder) => encoder,
): Promise<Int8Session> {
  const files = await listFolderFiles(folder);
  const record = { ...(await readModelRecord(files)), maxSequenceLength: LONGEST };
  const made: QuantizedEncoder[] = [];
  const conversion = await convertToNative(files, record, {
    quantize: async (checkpoint) => {
      // More bits saturate on some processors, where the product takes fewer as well.
      const weightBits = safeWeightBits(await ownProcessorProducts());
      const encoder = change(await quantizeUncalibrated(checkpoint.encoder, { weightBits }));
      made.push(encoder);
      return encoder;
    },
  });
  const out = await temporaryFolder();
  try {
    await writeFile(path.join(out, 'graph.onnx'), conversion.graph);
    await conversion.writeData(out);
  } finally {
    await conversion.close();
  }
  const graphPath = path.join(out, 'graph.onnx');
  const bundle = { graphPath, dataFolder: out, ...conversion.shape, maxSequenceLength: LONGEST };
  const session = await NativeSession.load({ bundle, threads });
  onTestFinished(() => session.close());
  const [encoder] = made;
  if (encoder === undefined) throw new Error('nothing was quantised');
  return { session, encoder, dimensions: conversion.shape.dimensions };
}

/** Vectors, or hidden states, of texts of one length. */
export function runTexts(
  { session }: Int8Session,
  texts: readonly (readonly number[])[],
  output: 'embeddings' | 'hidden' = 'embeddings',
): Promise<Float32Array> {
  const length = texts[0]?.length ?? 0;
  return session.run({ ids: Int32Array.from(texts.flat()), batch: texts.length, length, promptLength: 0, output });
}

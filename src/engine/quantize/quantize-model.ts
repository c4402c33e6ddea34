import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { digestFile } from '../../models/cache/content-digest.js';
import { IsovecError } from '../../shared/isovec-error.js';
import type { ProgressListener } from '../../shared/progress.js';
import { int8Request } from '../int8-request.js';
import { loadModel, obtainFiles } from '../load-model.js';
import type { LoadOptions } from '../load-options.js';
import { prepareModel } from '../prepare-model.js';
import { readSettings } from '../settings.js';
import { evaluateQuantization, type QuantizationFigures } from './evaluate-quantization.js';
import { ownProcessorProducts } from './processor-products.js';
import { type QuantizationReport, readQuantizationReport, writeQuantizationReport } from './quantization-report.js';

/** Options of {@link quantizeModel}. */
export interface QuantizeOptions extends Pick<
  LoadOptions,
  'calibration' | 'weightBits' | 'threads' | 'offline' | 'cache' | 'signal' | 'onProgress' | 'logger'
> {
  /** Make weights anew that are in the cache, and measure them again. */
  readonly force?: boolean;
}

/** The int8 form of a model in the cache. */
export interface QuantizedForm {
  /** Where it lies. */
  readonly folder: string;
  /** Whether it was measured now; otherwise the report was stored before. */
  readonly evaluated: boolean;
  readonly report: QuantizationReport;
}

/**
 * Makes the int8 form of a model, as `loadModel` with dtype 'int8' does, measures it against float32, and stores the
 * report beside it. Throws as `loadModel`.
 */
export async function quantizeModel(id: string, options: QuantizeOptions = {}): Promise<QuantizedForm> {
  const { force = false, onProgress, ...load } = options;
  const settings = readSettings();
  const cacheRoot = options.cache ?? settings.cacheRoot;
  const files = await obtainFiles(id, options, settings);
  const request = { ...(await int8Request(options)), anew: force };
  const { bundle, conversion, quantization } = await prepareModel(files, cacheRoot, options.signal, request);
  if (quantization === undefined) throw new IsovecError('INTERNAL', `The int8 form of ${files.id} has no record.`);
  const folder = dirname(bundle.graphPath);
  const stored = force ? undefined : await readQuantizationReport(folder, quantization);
  if (stored !== undefined) return { folder, evaluated: false, report: stored };

  const figures = await measure(id, load, onProgress);
  const graph = await digestFile(bundle.graphPath, { size: conversion.graphBytes });
  const { recipe, recipeVersion, calibration, weightBits, weightsDigest } = quantization;
  const report: QuantizationReport = {
    model: files.id,
    revision: files.revision ?? null,
    quantization: { recipe, recipeVersion, calibration, weightBits },
    ...figures,
    processor: { name: cpus()[0]?.model.trim() ?? 'unknown', products: await ownProcessorProducts() },
    digests: { weights: weightsDigest, graph: graph.sha256 },
  };
  await writeQuantizationReport(folder, report, cacheRoot);
  return { folder, evaluated: true, report };
}

/** Loads both forms and measures one against the other. */
async function measure(
  id: string,
  { calibration, weightBits, ...common }: Omit<QuantizeOptions, 'force' | 'onProgress'>,
  onProgress: ProgressListener | undefined,
): Promise<QuantizationFigures> {
  const chosen = {
    ...(calibration === undefined ? {} : { calibration }),
    ...(weightBits === undefined ? {} : { weightBits }),
  };
  const float32 = await loadModel(id, common);
  try {
    const int8 = await loadModel(id, { ...common, ...chosen, dtype: 'int8' });
    try {
      return await evaluateQuantization(int8, float32, { signal: common.signal, onProgress });
    } finally {
      await int8.close();
    }
  } finally {
    await float32.close();
  }
}

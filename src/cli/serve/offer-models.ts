import type { Embedder } from '../../engine/embedder.js';
import { loadModel, obtainFiles } from '../../engine/load-model.js';
import type { LoadOptions } from '../../engine/load-options.js';
import { usableCores } from '../../engine/usable-cores.js';
import type { OfferedModel } from '../../server/served-models.js';
import type { Settings } from '../../engine/settings.js';
import type { ModelEntry } from './models-file.js';

/** Models on their way to a server. */
export interface Offer {
  readonly models: readonly OfferedModel[];
  /** Closes what was loaded, whoever asked for it. */
  readonly close: () => Promise<void>;
}

/**
 * Loads models, or fetches their files where the first request is to load them: no request ever fetches anything. Models
 * share the worker threads in `options.threads`, by default one per core, but for those that have a number of their own.
 */
export async function offerModels(
  entries: readonly ModelEntry[],
  { signal, ...options }: LoadOptions,
  settings: Settings,
): Promise<Offer> {
  const stopping = signal === undefined ? {} : { signal };
  const opened: Embedder[] = [];
  const close = async (): Promise<void> => {
    for (const model of opened.splice(0)) await model.close();
  };
  const open = async (model: string, own: LoadOptions): Promise<Embedder> => {
    const embedder = await loadModel(model, own);
    opened.push(embedder);
    return embedder;
  };
  const shared = await threadsOfEach(entries, options.threads);
  const models: OfferedModel[] = [];
  try {
    for (const { model, name, dtype, calibration, threads, provider, device, lazy = false } of entries) {
      const own: LoadOptions = {
        ...options,
        threads: threads ?? shared,
        ...(dtype === undefined ? {} : { dtype }),
        ...(calibration === undefined ? {} : { calibration }),
        ...(provider === undefined ? {} : { provider }),
        ...(device === undefined ? {} : { device }),
      };
      if (lazy) {
        const { id } = await obtainFiles(model, { ...own, ...stopping }, settings);
        // The server's own end must not stop a load that an accepted request waits for.
        models.push({ name: name ?? id, load: () => open(model, { ...own, offline: true }) });
      } else {
        const embedder = await open(model, { ...own, ...stopping });
        models.push({ name: name ?? embedder.info().id, embedder });
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { models, close };
}

/** How many threads a model gets that says nothing of them: an equal part of what the others leave, at least one. */
async function threadsOfEach(entries: readonly ModelEntry[], all: number | undefined): Promise<number> {
  const taken = entries.reduce((sum, { threads = 0 }) => sum + threads, 0);
  const count = entries.filter(({ threads }) => threads === undefined).length;
  return Math.max(1, Math.floor(((all ?? (await usableCores())) - taken) / Math.max(1, count)));
}

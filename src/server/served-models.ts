import type { Embedder } from '../engine/embedder.js';
import { IsovecError } from '../shared/isovec-error.js';

/** A loaded model under the name that requests select it by. */
export interface ServedModel {
  readonly name: string;
  readonly embedder: Embedder;
  /** When it was ready, in milliseconds since 1970. */
  readonly readyAt: number;
}

/** The models of one process. A request selects among them; it never loads one. */
export class ServedModels {
  readonly #models: ReadonlyMap<string, ServedModel>;
  readonly #default: ServedModel;

  /** The first model answers requests that name none. CONFIG_INVALID without a model, or with two of one name. */
  constructor(models: readonly ServedModel[]) {
    const [first] = models;
    if (first === undefined) throw new IsovecError('CONFIG_INVALID', 'A server needs at least one model.');
    this.#models = new Map(models.map((model) => [model.name, model]));
    this.#default = first;
    if (this.#models.size < models.length) {
      const names = models.map(({ name }) => name);
      const twice = names.find((name, at) => names.indexOf(name) < at) ?? '';
      throw new IsovecError('CONFIG_INVALID', `Two models are called ${twice}; give one of them another name.`);
    }
  }

  /** All of them, the default one first. */
  list(): readonly ServedModel[] {
    return [...this.#models.values()];
  }

  /** The model of a name, or the default one. MODEL_NOT_FOUND names those that are served. */
  select(name: string | undefined): ServedModel {
    if (name === undefined) return this.#default;
    const found = this.#models.get(name);
    if (found !== undefined) return found;
    const served = [...this.#models.keys()];
    throw new IsovecError(
      'MODEL_NOT_FOUND',
      `The model ${JSON.stringify(name.slice(0, 200))} is not served here; served: ${served.join(', ')}.`,
      { data: { param: 'model', served } },
    );
  }
}

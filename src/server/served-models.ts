import type { Embedder } from '../engine/embedder.js';
import { IsovecError } from '../shared/isovec-error.js';

/** A model to be served, by the name that requests select it by. */
export type OfferedModel =
  | { readonly name: string; readonly embedder: Embedder }
  /** Loaded by the first request for it; whoever gave `load` closes what it gave. */
  | { readonly name: string; readonly load: () => Promise<Embedder> };

/** A loaded model under its name. */
export interface ServedModel {
  readonly name: string;
  readonly embedder: Embedder;
  /** When it was ready, in milliseconds since 1970. */
  readonly readyAt: number;
}

/** The models of one process. A request selects among them; a name that is not offered loads nothing. */
export class ServedModels {
  /** All names, the default one first. */
  readonly names: readonly string[];
  readonly #offers: ReadonlyMap<string, OfferedModel>;
  readonly #offeredAt = Date.now();
  readonly #ready = new Map<string, ServedModel>();
  readonly #loading = new Map<string, Promise<ServedModel>>();
  readonly #listeners: ((model: ServedModel) => void)[] = [];

  /** The first model answers requests that name none. CONFIG_INVALID without a model, or with two of one name. */
  constructor(offers: readonly OfferedModel[]) {
    if (offers.length === 0) throw new IsovecError('CONFIG_INVALID', 'A server needs at least one model.');
    this.names = offers.map(({ name }) => name);
    this.#offers = new Map(offers.map((offer) => [offer.name, offer]));
    const twice = this.names.find((name, at) => this.names.indexOf(name) < at);
    if (twice !== undefined) {
      throw new IsovecError('CONFIG_INVALID', `Two models are called ${twice}; give one of them another name.`);
    }
  }

  /** Name of the model that answers requests which name none. */
  get defaultName(): string {
    return this.names[0] ?? '';
  }

  /** Those that are loaded, in the order of their names. */
  list(): readonly ServedModel[] {
    return this.names.flatMap((name) => this.#ready.get(name) ?? []);
  }

  /** Tells of every model that is loaded, also of those that are by now. */
  onReady(listener: (model: ServedModel) => void): void {
    this.#listeners.push(listener);
    for (const model of this.list()) listener(model);
  }

  /** Waits until all models are ready that are not to be loaded by a request. */
  async start(): Promise<void> {
    const eager = [...this.#offers.values()].filter((offer) => 'embedder' in offer);
    await Promise.all(eager.map(({ name }) => this.select(name)));
  }

  /** The model of a name, or the default one, loaded and warm. MODEL_NOT_FOUND names those that are served. */
  async select(name: string = this.defaultName): Promise<ServedModel> {
    const ready = this.#ready.get(name);
    if (ready !== undefined) return ready;
    const offer = this.#offered(name);
    let loading = this.#loading.get(name);
    if (loading === undefined) {
      // Whoever comes while it loads waits for the same load; after a failure the next request tries again.
      loading = this.#load(offer).finally(() => this.#loading.delete(name));
      this.#loading.set(name, loading);
    }
    return loading;
  }

  /** Since when a model is ready, or offered if it is not loaded yet, in milliseconds since 1970. MODEL_NOT_FOUND. */
  since(name: string): number {
    this.#offered(name);
    return this.#ready.get(name)?.readyAt ?? this.#offeredAt;
  }

  #offered(name: string): OfferedModel {
    const offer = this.#offers.get(name);
    if (offer !== undefined) return offer;
    throw new IsovecError(
      'MODEL_NOT_FOUND',
      `The model ${JSON.stringify(name.slice(0, 200))} is not served here; served: ${this.names.join(', ')}.`,
      { data: { param: 'model', served: this.names } },
    );
  }

  async #load(offer: OfferedModel): Promise<ServedModel> {
    const embedder = 'embedder' in offer ? offer.embedder : await offer.load();
    await embedder.warmUp();
    const model: ServedModel = { name: offer.name, embedder, readyAt: Date.now() };
    this.#ready.set(offer.name, model);
    for (const tell of this.#listeners) tell(model);
    return model;
  }
}

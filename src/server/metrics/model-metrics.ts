import { Counter, Gauge, type Registry } from 'prom-client';
import type { ModelHealth } from '../../engine/embedder.js';
import type { ServedModels } from '../served-models.js';

/** Name, help and value of a figure of each model. */
type Figure = readonly [name: string, help: string, read: (health: ModelHealth) => number];

const GAUGES: readonly Figure[] = [
  ['isovec_pending_texts', 'Texts that wait or run', (health) => health.pendingTexts],
  ['isovec_pending_tokens', 'Tokens that wait or run', (health) => health.pendingTokens],
  ['isovec_queue_texts', 'Texts that are tokenised and wait for a worker', (health) => health.waitingTexts],
  [
    'isovec_queue_oldest_age_seconds',
    'How long the text has waited that waits longest; 0 while none does',
    (health) => health.oldestWaitMilliseconds / 1000,
  ],
  ['isovec_workers', 'Worker threads', (health) => health.workers],
  ['isovec_workers_ready', 'Worker threads that can take work', (health) => health.readyWorkers],
  ['isovec_workers_busy', 'Worker threads that run a batch', (health) => health.busyWorkers],
];

const COUNTERS: readonly Figure[] = [
  [
    'isovec_worker_restarts_total',
    'Worker threads that died and were replaced',
    ({ replacedWorkers }) => replacedWorkers,
  ],
  [
    'isovec_fallbacks_total',
    'Calls that another provider answered because the first one could not',
    ({ fallbacks }) => fallbacks ?? 0,
  ],
];

/** Registers what each model knows about itself; it is read whenever somebody asks. */
export function registerModelMetrics(registry: Registry, models: Pick<ServedModels, 'list' | 'onReady'>): void {
  const registers = [registry];
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['model'],
      registers,
      collect() {
        for (const { name: model, embedder } of models.list()) this.set({ model }, read(embedder.health()));
      },
    });
  }
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name,
      help,
      labelNames: ['model'],
      registers,
      collect() {
        // The model counts; a counter here can only be added to.
        this.reset();
        for (const { name: model, embedder } of models.list()) this.inc({ model }, read(embedder.health()));
      },
    });
  }
  describeModels(registers, models);
}

/** What does not change while the server runs. */
function describeModels(registers: Registry[], models: Pick<ServedModels, 'onReady'>): void {
  const info = new Gauge({
    name: 'isovec_model_info',
    help: 'What is served and where it runs; always 1',
    labelNames: ['model', 'provider', 'device', 'dtype', 'dimensions'],
    registers,
  });
  const load = new Gauge({
    name: 'isovec_model_load_seconds',
    help: 'Time that loading the model took, with its warm-up',
    labelNames: ['model'],
    registers,
  });
  const warmUp = new Gauge({
    name: 'isovec_warm_up_seconds',
    help: 'Time that the warm-up took, which is over before the first request and counts nowhere else',
    labelNames: ['model'],
    registers,
  });
  models.onReady(({ name: model, embedder }) => {
    const { provider, device, dtype, dimensions, timings } = embedder.info();
    info.set({ model, provider, device, dtype, dimensions: String(dimensions) }, 1);
    load.set({ model }, timings.total / 1000);
    warmUp.set({ model }, timings.warmUp / 1000);
  });
}

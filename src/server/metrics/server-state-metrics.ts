import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { EventLoopDelay } from './event-loop-delay.js';

/** Registers what is read of the process and of the server as a whole whenever somebody asks. */
export function registerServerMetrics(registry: Registry, eventLoop: EventLoopDelay, isReady: () => boolean): void {
  // Of the process: memory, processor time, open files, garbage collection.
  collectDefaultMetrics({ register: registry });
  // These hold the interval of their own timer as if it were a delay, and 292 years where nothing was measured.
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith('nodejs_eventloop_lag')) registry.removeSingleMetric(name);
  }
  new Gauge({
    name: 'isovec_ready',
    help: 'Whether the server takes work: 1, or 0 while it ends',
    registers: [registry],
    collect() {
      this.set(isReady() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'isovec_event_loop_delay_seconds',
    help: 'How late the event loop was since the last scrape: median, 99th percentile and longest',
    labelNames: ['statistic'],
    registers: [registry],
    collect() {
      const { median, p99, longest } = eventLoop.read();
      this.set({ statistic: 'p50' }, median);
      this.set({ statistic: 'p99' }, p99);
      this.set({ statistic: 'max' }, longest);
    },
  });
}

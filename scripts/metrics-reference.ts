import { ServerMetrics } from '../src/server/metrics/server-metrics.js';

/** The table of the server's own metrics for docs/guides/observability.md, as they register themselves. */
export function metricsReference(): string {
  const metrics = new ServerMetrics({ list: () => [], onReady: () => undefined }, { draining: false });
  const own = metrics.describe().filter(({ name }) => name.startsWith('isovec_'));
  metrics.close();
  const rows = own.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return ['| metric | type | labels | what it says |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

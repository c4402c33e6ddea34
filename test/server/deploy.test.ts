import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { parseExposition } from './support/exposition.js';
import { selectorsOf } from './support/promql.js';
import { testServer } from './support/running-server.js';

const DEPLOY = path.resolve(import.meta.dirname, '../../deploy');

const alerts = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string().min(1),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Isovec[A-Z][A-Za-z]+$/),
          expr: z.string(),
          for: z.stringFormat('duration', /^\d+[smh]$/).optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.strictObject({
            summary: z.string().min(10),
            description: z.string().regex(/\.$/),
            runbook: z.string().regex(/\.$/),
          }),
        }),
      ),
    }),
  ),
});

const grid = z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });
const dashboard = z.object({
  uid: z.literal('isovec'),
  schemaVersion: z.int(),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), definition: z.string().optional() })),
  }),
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.enum(['row', 'stat', 'timeseries']),
      title: z.string().min(1),
      gridPos: grid,
      targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).default([]),
    }),
  ),
});

function dashboardOf() {
  return dashboard.parse(JSON.parse(readFileSync(path.join(DEPLOY, 'grafana/isovec.json'), 'utf8')));
}

function alertsOf() {
  const file = alerts.parse(parse(readFileSync(path.join(DEPLOY, 'prometheus/alerts.yml'), 'utf8')));
  return file.groups.flatMap(({ rules }) => rules);
}

/** What Grafana puts in the place of its variables. */
function filledIn(expression: string): string {
  return expression.replaceAll('$__rate_interval', '1m').replaceAll(/\$\w+/g, '.*');
}

/** The labels of each series of a server that has answered and refused; Prometheus adds `job` and `instance`. */
async function exposedSeries(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { get, post } = await testServer();
  await post('/embed', { texts: ['a'] });
  await post('/embed', { texts: 5 });
  const { body } = await get('/metrics');
  const families = [...parseExposition(z.string().parse(body)).values()];
  return new Map(
    families
      .flatMap(({ samples }) => samples)
      .map(({ name, labels }) => [name, new Set([...Object.keys(labels), 'job', 'instance'])]),
  );
}

const EXPRESSIONS = [
  ...alertsOf().map(({ expr }) => expr),
  ...dashboardOf().panels.flatMap(({ targets }) => targets.map(({ expr }) => filledIn(expr))),
];

describe('dashboard and alerts', () => {
  it('read what a running server exposes, and leave nothing of our own out', async () => {
    const exposed = await exposedSeries();
    const shown = new Set<string>();
    for (const expression of EXPRESSIONS) {
      const selectors = selectorsOf(expression);
      expect(selectors, expression).not.toEqual([]);
      for (const { metric, labels } of selectors) {
        const known = exposed.get(metric);
        expect(known, `${metric} in ${expression}`).toBeDefined();
        for (const label of labels) expect(known, `${label} in ${expression}`).toContain(label);
        shown.add(stemOf(metric));
      }
    }
    const own = [...exposed.keys()].filter((name) => name.startsWith('isovec_'));
    // The labels of this one are what variables and other tools read.
    expect(own.filter((name) => !shown.has(stemOf(name)))).toEqual(['isovec_model_info']);
  });

  it('ask for the values of their variables from metrics that are there', async () => {
    const exposed = await exposedSeries();
    const queries = dashboardOf().templating.list.flatMap(({ definition }) => definition ?? []);
    expect(queries).toHaveLength(3);
    for (const query of queries) {
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
      for (const { metric } of selectorsOf(filledIn(selector))) expect(exposed.get(metric), query).toContain(label);
    }
  });

  it('have panels that do not overlap, and names that are there once', () => {
    const { panels } = dashboardOf();
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const names = alertsOf().map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
  });
});

it.each(['sum(rate(a[5m])', 'a{b=}', 'rate(a[5x])', 'sum by le (a)'])(
  'PromQL with a mistake is refused: %s',
  (wrong) => {
    expect(() => selectorsOf(wrong)).toThrow('no PromQL');
  },
);

/** A metric's name without what its series add. */
function stemOf(series: string): string {
  return series.replace(/_(bucket|sum|count)$/, '');
}

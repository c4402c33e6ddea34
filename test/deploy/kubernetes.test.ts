import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { readModelsFile } from '#src/cli/serve/models-file.js';
import { GRPC_PORT, MAX_PENDING_TOKENS } from '#src/cli/serve/serve.js';
import { HTTP_PORT } from '#src/server/start-server.js';
import { ServerMetrics } from '#src/server/metrics/server-metrics.js';
import { testServer } from '../server/support/running-server.js';
import { selectorsOf } from '../server/support/promql.js';
import { deployPath, yamlOf } from './support/deploy-file.js';
import {
  autoscalerShape,
  deploymentShape,
  disruptionBudgetShape,
  networkPolicyShape,
  serviceShape,
} from './support/kubernetes-shapes.js';
import { renderOverlay } from './support/render-overlay.js';
import { expectVariables, secondsToEnd } from './support/serve-variables.js';

const OVERLAYS = readdirSync(deployPath('kubernetes/overlays'));

/** What the tests look at of an overlay. */
function partsOf(overlay: string) {
  const resources = renderOverlay(`kubernetes/overlays/${overlay}`);
  const named = (kind: string): unknown => resources.find((one) => one['kind'] === kind);
  const { spec } = deploymentShape.parse(named('Deployment'));
  const [container] = spec.template.spec.containers;
  return {
    resources,
    deployment: spec,
    pod: spec.template.spec,
    container,
    variables: Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
    service: serviceShape.parse(named('Service')).spec,
    autoscaler: autoscalerShape.parse(named('HorizontalPodAutoscaler')).spec,
    network: networkPolicyShape.parse(named('NetworkPolicy')).spec,
    budget: disruptionBudgetShape.parse(named('PodDisruptionBudget')).spec,
  };
}

it('there is an overlay for each way to deploy', () => {
  expect(OVERLAYS).toEqual(['memory-in-postgresql', 'model-in-image', 'model-on-volume', 'with-keys']);
});

describe.each(OVERLAYS)('overlay %s', (overlay) => {
  const { resources, deployment, pod, container, variables, service, autoscaler, network, budget } = partsOf(overlay);

  it('sets what isovec serve reads, to values that it takes, on the ports that it names', () => {
    expectVariables(variables);
    expect(variables).toMatchObject({ ISOVEC_PORT: String(HTTP_PORT), ISOVEC_GRPC_PORT: String(GRPC_PORT) });
    expect(container.ports).toEqual([
      { name: 'http', containerPort: HTTP_PORT },
      { name: 'grpc', containerPort: GRPC_PORT },
    ]);
    expect(service.ports.map(({ port, targetPort }) => [port, targetPort])).toEqual([
      [HTTP_PORT, 'http'],
      [GRPC_PORT, 'grpc'],
    ]);
    // Variables that a Service makes would be taken for settings.
    expect(pod.enableServiceLinks).toBe(false);
  });

  it('is given time to end: to be forgotten by balancers, to answer, and to close', () => {
    const { seconds } = container.lifecycle.preStop.sleep;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(seconds + secondsToEnd(variables));
  });

  it('asks routes that answer without a key', async () => {
    const { get } = await testServer({ apiKeys: ['key'] });
    for (const { httpGet } of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
      expect([httpGet, (await get(httpGet.path)).status]).toEqual([{ path: httpGet.path, port: 'http' }, 200]);
    }
    expect(container.livenessProbe.httpGet.path).toBe('/health/live');
    expect(container.readinessProbe.httpGet.path).toBe('/health/ready');
    // It listens when all models are ready, and an int8 form takes minutes to be made.
    const { periodSeconds, failureThreshold } = container.startupProbe;
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(300);
  });

  it('selects its own pods everywhere', () => {
    const { labels } = deployment.template.metadata;
    const selectors = [
      deployment.selector.matchLabels,
      service.selector,
      network.podSelector.matchLabels,
      budget.selector.matchLabels,
      ...pod.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels),
    ];
    for (const selector of selectors) expect(labels).toEqual(selector);
    expect(pod.serviceAccountName).toBe(nameOf(resources.find((one) => one['kind'] === 'ServiceAccount')));
    expect(autoscaler.scaleTargetRef.name).toBe(nameOf(resources.find((one) => one['kind'] === 'Deployment')));
  });

  it('runs as nobody, without rights, on a file system that it cannot write', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('mounts what its variables name, and each volume once', () => {
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
    const places = Object.entries(variables).filter(
      ([name, value]) => /(_FILE|_HOME)$/.test(name) && value.startsWith('/'),
    );
    for (const [name, place] of places) {
      expect(
        mounts.some((mount) => `${place}/`.startsWith(`${mount}/`)),
        `${name}=${place}`,
      ).toBe(true);
    }
    expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(pod.volumes.map(({ name }) => name).sort());
    for (const { secret } of pod.volumes) if (secret !== undefined) expect(secret.defaultMode).toBe(0o440);
    const maps = pod.volumes.flatMap(({ configMap }) => configMap?.name ?? []);
    expect(resources.filter((one) => one['kind'] === 'ConfigMap').map(nameOf)).toEqual(maps);
  });

  it('holds no secret, and serves no memory to whoever comes', () => {
    expect(Object.keys(variables).filter((name) => /(KEYS?|PASSWORD|TOKEN)$/.test(name))).toEqual([]);
    expect(JSON.stringify(resources)).not.toMatch(/\/\/[^/\s@"]*:[^/\s@"]*@/);
    const anonymous = 'ISOVEC_ALLOW_ANONYMOUS' in variables;
    expect(anonymous).toBe(!('ISOVEC_API_KEY_FILE' in variables));
    if ('ISOVEC_WITH_MEMORY' in variables) expect(anonymous).toBe(false);
  });

  it('lets its network be reached by its ports alone, and reaches its database at most', () => {
    expect(network.policyTypes).toEqual(['Ingress', 'Egress']);
    const ports = new Set(network.ingress.flatMap((rule) => rule.ports.map(({ port }) => port)));
    expect([...ports].sort()).toEqual(['grpc', 'http']);
    // Clients are other pods: a label of our own among theirs would let nobody in.
    expect(network.ingress[0]?.from).toEqual([{ podSelector: { matchLabels: { 'isovec-client': 'true' } } }]);
    const { ISOVEC_MEMORY: memory } = variables;
    const reached = network.egress.flatMap((rule) => rule.ports.map(({ port }) => port));
    expect(reached).toEqual(memory === undefined ? [] : [Number(new URL(memory).port), 53, 53]);
    expect(variables['ISOVEC_OFFLINE']).toBe('1');
  });

  it('scales by a metric that the server has and the adapter gives, long before requests are refused', () => {
    const [{ pods }] = autoscaler.metrics;
    const metrics = new ServerMetrics({ list: () => [], onReady: () => undefined }, { draining: false });
    expect(metrics.describe().map(({ name }) => name)).toContain(pods.metric.name);
    metrics.close();
    const { rules } = adapter.parse(yamlOf('prometheus/adapter-rules.yml'));
    const rule = rules.find(({ name }) => name.as === pods.metric.name);
    const query = rule?.metricsQuery
      .replaceAll('<<.Series>>', pods.metric.name)
      .replaceAll('<<.LabelMatchers>>', 'namespace="a",pod="b"')
      .replaceAll('<<.GroupBy>>', 'pod');
    expect(selectorsOf(query ?? '')).toEqual([{ metric: pods.metric.name, labels: ['namespace', 'pod'] }]);
    expect(selectorsOf(rule?.seriesQuery ?? '')).toEqual([{ metric: pods.metric.name, labels: ['namespace', 'pod'] }]);
    expect(Number(pods.target.averageValue) * 10).toBeLessThan(MAX_PENDING_TOKENS);
    expect(budget.maxUnavailable).toBeLessThan(autoscaler.minReplicas);
  });
});

const adapter = z.strictObject({
  rules: z.array(
    z.looseObject({ seriesQuery: z.string(), metricsQuery: z.string(), name: z.object({ as: z.string() }) }),
  ),
});

it('the list of models is one, and its folder is on the volume', async () => {
  const models = await readModelsFile(deployPath('kubernetes/components/model-volume/models.json'));
  const mounts = partsOf('model-on-volume').container.volumeMounts;
  const volume = mounts.find(({ name }) => name === 'models');
  expect(volume).toMatchObject({ readOnly: true });
  for (const { model } of models) expect(model.startsWith(`${volume?.mountPath ?? '?'}/`)).toBe(true);
});

it('Prometheus finds the pods by their label and port, and gives the labels that the adapter asks for', () => {
  const scrape = z.object({
    scrape_configs: z.tuple([
      z.object({
        relabel_configs: z.array(
          z.object({
            source_labels: z.tuple([z.string()]),
            regex: z.string().optional(),
            target_label: z.string().optional(),
          }),
        ),
      }),
    ]),
  });
  const [{ relabel_configs: rules }] = scrape.parse(yamlOf('prometheus/scrape-kubernetes.yml')).scrape_configs;
  const { deployment } = partsOf('model-in-image');
  const [[label, value]] = Object.entries(deployment.template.metadata.labels) as [[string, string]];
  const meta = `__meta_kubernetes_pod_label_${label.replaceAll(/\W/g, '_')}`;
  expect(rules.find(({ source_labels: [source] }) => source === meta)?.regex).toBe(value);
  expect(rules.find(({ source_labels: [source] }) => source.endsWith('port_name'))?.regex).toBe('http');
  expect(rules.flatMap(({ target_label: target }) => target ?? [])).toEqual(['namespace', 'pod', 'instance']);
});

function nameOf(resource: unknown): string {
  return z.object({ metadata: z.object({ name: z.string() }) }).parse(resource).metadata.name;
}

import path from 'node:path';
import { z } from 'zod';

import { documentsOf, readDeploy } from './deploy-file.js';

// What kustomize makes of deploy/kubernetes, in so far as the files there use it: resources, components with configuration and
// strategic merge patches, images, labels and a namespace. `npm run test:deploy` compares it with kustomize itself.

const MAP = z.record(z.string(), z.unknown());
type Value = Readonly<Record<string, unknown>>;

const kustomization = z.strictObject({
  apiVersion: z.string(),
  kind: z.enum(['Kustomization', 'Component']),
  namespace: z.string().optional(),
  labels: z
    .array(z.strictObject({ pairs: z.record(z.string(), z.string()), includeTemplates: z.literal(true) }))
    .default([]),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  configMapGenerator: z.array(z.strictObject({ name: z.string(), files: z.array(z.string()) })).default([]),
  patches: z.array(z.strictObject({ path: z.string() })).default([]),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).default([]),
});

const ORDERED: readonly string[] = ['egress', 'ingress', 'rules', 'metrics', 'policies', 'topologySpreadConstraints'];

/** The resources of an overlay, a component or the base: a folder of deploy/kubernetes. */
export function renderOverlay(folder: string): readonly Value[] {
  return applied(folder, []);
}

function applied(folder: string, before: readonly Value[]): readonly Value[] {
  const own = kustomization.parse(documentsOf(readDeploy(path.join(folder, 'kustomization.yaml')))[0]);
  let resources = [...before];
  for (const name of own.resources) {
    const place = path.join(folder, name);
    if (name.endsWith('.yaml')) resources.push(...documentsOf(readDeploy(place)).map((one) => MAP.parse(one)));
    else resources.push(...renderOverlay(place));
  }
  for (const { pairs } of own.labels) resources = resources.map((one) => labelled(one, pairs));
  for (const { name, files } of own.configMapGenerator) {
    const data = Object.fromEntries(files.map((file) => [file, readDeploy(path.join(folder, file))]));
    resources.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  }
  for (const { path: file } of own.patches) {
    const patch = MAP.parse(documentsOf(readDeploy(path.join(folder, file)))[0]);
    resources = resources.map((one) => (identity(one) === identity(patch) ? MAP.parse(merged(one, patch, '')) : one));
  }
  for (const component of own.components) resources = [...applied(path.join(folder, component), resources)];
  for (const image of own.images) {
    const renamed = (text: string): string => (text === image.name ? `${image.newName}:${image.newTag}` : text);
    resources = resources.map((one) => MAP.parse(withImages(one, renamed)));
  }
  const { namespace } = own;
  if (namespace === undefined) return resources;
  return resources.map((one) => ({ ...one, metadata: { ...MAP.parse(one['metadata']), namespace } }));
}

function identity({ kind, metadata }: Value): string {
  return `${String(kind)} ${String(MAP.parse(metadata)['name'])}`;
}

/** A strategic merge: maps member by member, lists of things with names by these, other lists as a whole. */
function merged(base: unknown, patch: unknown, key: string): unknown {
  if (isMap(base) && isMap(patch)) {
    const entries = Object.entries(patch).map(([name, value]) => [name, merged(base[name], value, name)]);
    return { ...base, ...(Object.fromEntries(entries) as Value) };
  }
  if (!Array.isArray(base) || !Array.isArray(patch) || ORDERED.includes(key)) return patch;
  const result = new Map(base.map((one) => [nameOf(one), one as unknown]));
  for (const one of patch as readonly unknown[]) {
    if (isMap(one) && one['$patch'] === 'delete') result.delete(nameOf(one));
    else result.set(nameOf(one), merged(result.get(nameOf(one)), one, ''));
  }
  return [...result.values()];
}

function nameOf(item: unknown): unknown {
  if (!isMap(item)) return item;
  return item['mountPath'] ?? item['name'] ?? item['containerPort'];
}

/** With a label, on itself and on its pods. */
function labelled(resource: Value, pairs: Readonly<Record<string, string>>): Value {
  const own = { ...resource, metadata: { ...MAP.parse(resource['metadata']), labels: pairs } };
  if (resource['kind'] !== 'Deployment') return own;
  const spec = MAP.parse(resource['spec']);
  return { ...own, spec: { ...spec, template: { ...MAP.parse(spec['template']), metadata: { labels: pairs } } } };
}

function withImages(value: unknown, renamed: (image: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => withImages(one, renamed));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'image' && typeof inner === 'string' ? renamed(inner) : withImages(inner, renamed),
    ]),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

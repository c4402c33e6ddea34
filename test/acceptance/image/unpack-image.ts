import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

const index = z.object({ manifests: z.array(z.object({ digest: z.string() })).length(1) });
const manifest = z.object({
  config: z.object({ digest: z.string() }),
  layers: z.array(z.object({ digest: z.string() })),
});
const configuration = z.object({
  config: z.object({
    User: z.string(),
    Env: z.array(z.string()),
    Entrypoint: z.array(z.string()),
    StopSignal: z.string(),
    Healthcheck: z.object({ Test: z.array(z.string()) }),
  }),
});

/** How the image says that it is to be run. */
export type Configuration = z.infer<typeof configuration>['config'];

/** Unpacks an OCI layout with tar, as a container engine would, layer upon layer; returns its configuration. */
export function unpackImage(layout: string, root: string): Configuration {
  const blob = (digest: string): string => path.join(layout, 'blobs', ...digest.split(':'));
  const read = <T>(schema: z.ZodType<T>, file: string): T => schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const [image] = read(index, path.join(layout, 'index.json')).manifests;
  const { config, layers } = read(manifest, blob(image?.digest ?? ''));
  mkdirSync(root, { recursive: true, mode: 0o755 });
  for (const { digest } of layers) {
    const args = ['--extract', '--gzip', '--preserve-permissions', '--numeric-owner', '--file', blob(digest)];
    const { status, stderr } = spawnSync('tar', [...args, '--directory', root], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tar: ${stderr}`);
  }
  return read(configuration, blob(config.digest)).config;
}

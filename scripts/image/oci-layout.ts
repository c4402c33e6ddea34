import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { entryBytes, type ImageEntry } from './image-entry.js';
import { tarArchive } from './tar-archive.js';

/** A layer as it is to be written. */
export interface Layer {
  readonly name: string;
  readonly entries: readonly ImageEntry[];
}

/** A layer as it was written. */
export interface WrittenLayer {
  readonly name: string;
  /** Bytes of the content of all files. */
  readonly bytes: number;
  readonly files: number;
  /** Bytes of the compressed archive: what a pull transfers. */
  readonly compressed: number;
  /** Digest of the archive before it is compressed: what the layer is, whoever compressed it. */
  readonly diffId: string;
}

/** What `docker image inspect` shows: how the image is run. The fields of the OCI image configuration. */
export interface ImageConfiguration {
  readonly User: string;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
  /** Docker's own; OCI reserves the name. Times in nanoseconds. */
  readonly Healthcheck: object;
}

export interface ImageDescription {
  /** As Go names it: amd64, arm64. */
  readonly architecture: string;
  readonly config: ImageConfiguration;
  /** ISO 8601. */
  readonly created: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** What the image is called where the layout is loaded, such as isovec:0.1.0. */
  readonly reference: string;
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';
const COMPRESSION_LEVEL = 6;

/**
 * Writes an image as an OCI layout (image-spec 1.1), anew: layers are compressed tar archives, every blob lies under its digest.
 * The same layers and description give the same digest of the image with the same Node.
 */
export function writeOciLayout(
  folder: string,
  layers: readonly Layer[],
  { architecture, config, created, annotations, reference }: ImageDescription,
): { readonly digest: string; readonly layers: readonly WrittenLayer[] } {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'blobs/sha256'), { recursive: true });
  const blob = (mediaType: string, content: Uint8Array): { mediaType: string; digest: string; size: number } => {
    const hex = sha256(content);
    writeFileSync(path.join(folder, 'blobs/sha256', hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: content.byteLength };
  };
  const descriptors: object[] = [];
  const written = layers.map(({ name, entries }): WrittenLayer => {
    const archive = tarArchive(entries);
    const descriptor = blob(LAYER_TYPE, gzipSync(archive, { level: COMPRESSION_LEVEL }));
    descriptors.push({ ...descriptor, annotations: { 'org.isovec.layer': name } });
    const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
    const files = entries.filter(({ content }) => content.kind === 'file' || content.kind === 'bytes').length;
    return { name, bytes, files, compressed: descriptor.size, diffId: `sha256:${sha256(archive)}` };
  });
  const configuration = {
    created,
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: written.map(({ diffId }) => diffId) },
    history: written.map(({ name }) => ({ created, created_by: `isovec: ${name}` })),
  };
  const manifest = blob(
    MANIFEST_TYPE,
    json({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: blob(CONFIG_TYPE, json(configuration)),
      layers: descriptors,
      annotations,
    }),
  );
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        ...manifest,
        platform: { architecture, os: 'linux' },
        annotations: { 'org.opencontainers.image.ref.name': reference },
      },
    ],
  };
  writeFileSync(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}\n');
  writeFileSync(path.join(folder, 'index.json'), json(index));
  return { digest: manifest.digest, layers: written };
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`);
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

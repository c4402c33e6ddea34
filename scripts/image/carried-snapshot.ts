import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { CARRIED_FOLDER } from '#src/engine/carried-model.js';
import { prepareModel } from '#src/engine/prepare-model.js';
import {
  DIGEST_FILE,
  digestOf,
  GRAPH_FILE,
  PREPARED_FILE,
  QUANTIZED_WEIGHTS,
  type StoredModel,
  TOKENIZER_FILE,
} from '#src/engine/prepared-folder.js';
import { chooseQuantization, quantizationKey } from '#src/engine/quantize/quantization.js';
import { CacheLayout } from '#src/models/cache/cache-layout.js';
import { preparedSource, SOURCE_FILE } from '#src/models/cache/prepared-source.js';
import { MANIFEST, type SnapshotManifest } from '#src/models/cache/snapshot-manifest.js';
import { DEFAULT_REVISION, type SnapshotRef } from '#src/models/cache/snapshot-refs.js';
import type { ModelFiles } from '#src/models/model-files.js';

import { fileEntry, type ImageEntry, readEntry, textEntry } from './image-entry.js';

/** A model to be carried, and where. */
export interface CarriedSnapshot {
  /** Its files on this machine. */
  readonly files: ModelFiles;
  /** Where it came from. */
  readonly source: Pick<SnapshotManifest, 'id' | 'revision' | 'origin' | 'from'>;
  readonly dtype: 'float32' | 'int8';
  /** Cache of this machine, where it is made ready. */
  readonly cacheRoot: string;
  /** Root of the cache that is to hold it. */
  readonly place: string;
}

/** Bits of a weight: exact on processors with VNNI and on ARM, whatever the machine is that builds. */
const WEIGHT_BITS = 8;

/**
 * A cache that holds one model ready to run, and nothing that a start does not read: a snapshot that carries its prepared form, and for
 * float32 the published weights, which the graph points into. Paths, times and inodes of this machine are taken out, so that the
 * same model gives the same bytes. Throws as `prepareModel`.
 */
export async function carriedSnapshot(carried: CarriedSnapshot): Promise<readonly ImageEntry[]> {
  const { files, source, dtype, place } = carried;
  const { id, revision } = source;
  const layout = new CacheLayout(place);
  const folder = layout.snapshot(id, revision);
  const weights = [...files.files.values()].filter(({ name }) => dtype === 'float32' && name.endsWith('.safetensors'));
  const entries: ImageEntry[] = [
    ...weights.map((file) => fileEntry(path.join(folder, file.name), file.path)),
    ...(await preparedEntries(carried, path.join(folder, CARRIED_FOLDER, dtype))),
  ];
  const manifest: SnapshotManifest = {
    ...source,
    format: 1,
    // When it was fetched says nothing about what it is.
    createdAt: new Date(0).toISOString(),
    files: entries.map((entry) => ({ name: path.relative(folder, entry.path), ...describe(entry) })),
  };
  const ref: SnapshotRef = { id, name: DEFAULT_REVISION, targetId: id, target: revision };
  return [
    ...entries,
    textEntry(path.join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`),
    textEntry(layout.ref(id, DEFAULT_REVISION), `${JSON.stringify(ref)}\n`),
  ];
}

async function preparedEntries(
  { files, source: { id, revision }, dtype, cacheRoot }: CarriedSnapshot,
  place: string,
): Promise<ImageEntry[]> {
  const chosen = dtype === 'int8' ? await chooseQuantization({ weightBits: WEIGHT_BITS }) : undefined;
  const logger = { info: console.error, warn: console.error };
  const int8 = chosen && { chosen, onProgress: undefined, logger };
  const { tokenizer, bundle, conversion, record, space, quantization } = await prepareModel(
    files,
    cacheRoot,
    undefined,
    int8,
  );
  if (chosen === undefined && conversion.weightBytesConverted > 0) {
    throw new Error(`${id} has weights that are no float32; only models that need no other file can be carried.`);
  }
  const { json, ...definition } = tokenizer;
  // Without the stamp of the weights: it is of this machine.
  const stored: StoredModel = {
    record,
    space,
    ...(quantization === undefined ? {} : { quantization }),
    tokenizer: definition,
    // Where the graph lies is known when it is read; where the weights lie is said from the snapshot's folder.
    bundle: { ...bundle, graphPath: GRAPH_FILE, dataFolder: chosen === undefined ? '.' : `${CARRIED_FOLDER}/${dtype}` },
    conversion: { ...conversion, verifyMilliseconds: 0, graphMilliseconds: 0 },
  };
  const contents: readonly (readonly [string, Buffer])[] = [
    [PREPARED_FILE, Buffer.from(JSON.stringify(stored))],
    [TOKENIZER_FILE, Buffer.from(json)],
    [GRAPH_FILE, readFileSync(bundle.graphPath)],
  ];
  const nothing = { ...files, id, revision, files: new Map() };
  const source = await preparedSource(nothing, chosen && quantizationKey(chosen.quantization));
  const weights = path.join(path.dirname(bundle.graphPath), QUANTIZED_WEIGHTS);
  return [
    ...contents.map(([name, content]) => textEntry(path.join(place, name), content)),
    textEntry(path.join(place, DIGEST_FILE), digestOf(contents.map(([, content]) => content))),
    textEntry(path.join(place, SOURCE_FILE), JSON.stringify(source)),
    ...(chosen === undefined ? [] : [fileEntry(path.join(place, QUANTIZED_WEIGHTS), weights)]),
  ];
}

function describe(entry: ImageEntry): { readonly size: number; readonly sha256: string } {
  const content = readEntry(entry);
  return { size: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') };
}

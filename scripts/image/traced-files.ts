import { readdirSync } from 'node:fs';
import path from 'node:path';

import { nodeFileTrace } from '@vercel/nft';

/** Packages that an engine package or nothing in an image takes the place of. */
const LEFT_OUT = [
  // The engine's layer has what is needed of them.
  'node_modules/onnxruntime-node/**',
  'node_modules/onnxruntime-common/**',
  'node_modules/tokenizers/**',
  // Plots of benchmarks, an optional peer: an image serves.
  'node_modules/vega/**',
  'node_modules/vega-lite/**',
];

/**
 * The files of packages that any compiled module of isovec may load, found by reading what each file requires and imports; sorted,
 * relative to `root`. Optional peers that are installed (stores of a memory, MCP) are among them.
 */
export async function tracedFiles(root: string): Promise<string[]> {
  const modules = readdirSync(path.join(root, 'dist'), { withFileTypes: true, recursive: true })
    .filter((item) => item.isFile() && item.name.endsWith('.js'))
    .map((item) => path.join(item.parentPath, item.name));
  const { fileList } = await nodeFileTrace(modules, { base: root, processCwd: root, ignore: LEFT_OUT });
  return [...fileList].filter((file) => file.startsWith('node_modules/')).sort();
}

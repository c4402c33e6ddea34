import path from 'node:path';

import { type ImageEntry, readEntry } from './image-entry.js';

const BLOCK = 512;
/**
 * The time of every file, 1980-01-01: a layer's bytes depend on its content alone, so that layers stay the same from one commit to
 * the next, and the oldest time that zip knows disturbs no tool.
 */
const TIME = 315_532_800;

/**
 * The entries as a tar archive (POSIX ustar), sorted by path, with every folder on the way to one. The same entries give the same
 * bytes. Throws if a path is longer than the format takes.
 */
export function tarArchive(entries: readonly ImageEntry[]): Buffer {
  const all = new Map<string, ImageEntry>();
  for (const entry of entries) {
    for (let folder = path.posix.dirname(entry.path); folder !== '/'; folder = path.posix.dirname(folder)) {
      if (!all.has(folder)) all.set(folder, { path: folder, mode: 0o755, owner: 0, content: { kind: 'folder' } });
    }
    all.set(entry.path, entry);
  }
  const sorted = [...all.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
  const parts = sorted.flatMap((entry) => {
    const content = readEntry(entry);
    return [header(entry, content.byteLength), content, Buffer.alloc(-content.byteLength & (BLOCK - 1))];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header({ path: place, mode, owner, content }: ImageEntry, bytes: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const [prefix, name] = splitName(place.slice(1) + (content.kind === 'folder' ? '/' : ''));
  block.write(name, 0);
  block.write(octal(mode, 8), 100);
  block.write(octal(owner, 8), 108);
  block.write(octal(owner, 8), 116);
  block.write(octal(bytes, 12), 124);
  block.write(octal(TIME, 12), 136);
  block.write({ file: '0', bytes: '0', link: '2', folder: '5' }[content.kind], 156);
  if (content.kind === 'link') block.write(content.target, 157);
  block.write('ustar\0' + '00', 257);
  block.write(prefix, 345);
  // The checksum counts itself as spaces.
  block.write(' '.repeat(8), 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A path in the two fields that the format has for it, of 155 and 100 bytes. */
function splitName(name: string): [prefix: string, name: string] {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  for (let at = name.indexOf('/'); at > 0; at = name.indexOf('/', at + 1)) {
    const rest = name.slice(at + 1);
    if (rest !== '' && Buffer.byteLength(rest) <= 100 && at <= 155) return [name.slice(0, at), rest];
  }
  throw new Error(`${name} is too long for a tar archive.`);
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}

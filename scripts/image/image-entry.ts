import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** A file, a folder or a symbolic link of the image. */
export interface ImageEntry {
  /** Absolute, in the image. */
  readonly path: string;
  readonly mode: number;
  /** User and group. */
  readonly owner: number;
  readonly content:
    | { readonly kind: 'file'; readonly file: string; readonly bytes: number }
    | { readonly kind: 'bytes'; readonly value: Uint8Array }
    | { readonly kind: 'link'; readonly target: string }
    | { readonly kind: 'folder' };
}

/** A file of this machine, as it will lie in the image. Links are followed. */
export function fileEntry(place: string, file: string, mode = 0o644): ImageEntry {
  return { path: place, mode, owner: 0, content: { kind: 'file', file, bytes: statSync(file).size } };
}

/** A file that is written here. */
export function textEntry(place: string, text: string | Buffer, mode = 0o644): ImageEntry {
  return {
    path: place,
    mode,
    owner: 0,
    content: { kind: 'bytes', value: typeof text === 'string' ? Buffer.from(text) : text },
  };
}

/** A folder of its own right; those on the way to an entry need none. */
export function folderEntry(place: string, owner = 0, mode = 0o755): ImageEntry {
  return { path: place, mode, owner, content: { kind: 'folder' } };
}

/** All files below a folder that are to come along, sorted; links are followed. */
export function treeEntries(place: string, folder: string, keep: (name: string) => boolean = () => true): ImageEntry[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((item) => !item.isDirectory())
    .map((item) => path.relative(folder, path.join(item.parentPath, item.name)))
    .filter((name) => keep(name.split(path.sep).join('/')))
    .sort()
    .map((name) => {
      const source = path.join(folder, name);
      const target = path.posix.join(place, name.split(path.sep).join('/'));
      return fileEntry(target, source);
    });
}

/** Length of the content. */
export function entryBytes({ content }: ImageEntry): number {
  if (content.kind === 'file') return content.bytes;
  return content.kind === 'bytes' ? content.value.byteLength : 0;
}

/** The content; that of a folder or link is empty. */
export function readEntry({ content }: ImageEntry): Uint8Array {
  if (content.kind === 'file') return readFileSync(content.file);
  return content.kind === 'bytes' ? content.value : new Uint8Array();
}

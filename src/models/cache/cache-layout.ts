import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';

import { formatModelId, type ModelId } from '../model-id.js';

/**
 * Where things lie below the root of the cache:
 *
 *     blobs/sha256-<hex>                    content, by what it is
 *     partial/<identity>.part               content that is still coming in, by what it will be
 *     snapshots/<org>--<name>/<revision>/   one model: real files, and snapshot.json that lists them
 *     refs/<org>--<name>/<branch>.json      which revision a branch or tag was when it was fetched
 *     prepared/<key>/                       one model made ready: its graph, tokenizer and record
 *     locks/<name>.lock                     who is writing what
 *     tmp/<host>-<pid>-<random>/            work in progress, renamed when it is done
 *
 * Names of repositories never hold `--`, so the folder names are unambiguous.
 */
export class CacheLayout {
  readonly root: string;

  constructor(root: string) {
    this.root = path.resolve(root);
  }

  get blobs(): string {
    return path.join(this.root, 'blobs');
  }

  get snapshots(): string {
    return path.join(this.root, 'snapshots');
  }

  get refs(): string {
    return path.join(this.root, 'refs');
  }

  get temporary(): string {
    return path.join(this.root, 'tmp');
  }

  blob(sha256: string): string {
    return path.join(this.blobs, `sha256-${sha256}`);
  }

  partial(identity: string): string {
    return path.join(this.root, 'partial', `${identity}.part`);
  }

  prepared(key: string): string {
    return path.join(this.root, 'prepared', key);
  }

  lock(name: string): string {
    return path.join(this.root, 'locks', `${name}.lock`);
  }

  snapshot(id: string, revision: string): string {
    return path.join(this.snapshots, modelFolder(id), encodeName(revision));
  }

  snapshotLock(id: string, revision: string): string {
    return this.lock(`snapshot-${modelFolder(id)}-${encodeName(revision)}`);
  }

  /** Held while pip fetches an archive. */
  wheelLock(name: string, version: string): string {
    return this.lock(`wheel-${encodeName(name)}-${encodeName(version)}`);
  }

  ref(id: string, revision: string): string {
    return path.join(this.refs, modelFolder(id), `${encodeName(revision)}.json`);
  }

  /** A new name for work in progress; tells whose it is, so that leftovers of dead processes can be removed. */
  temporaryFolder(): string {
    return path.join(this.temporary, `${temporaryPrefix()}${process.pid}-${randomBytes(6).toString('hex')}`);
  }
}

/** What temporary names of this host begin with; the process id and a hyphen follow. */
export function temporaryPrefix(): string {
  return `${encodeName(hostname())}-`;
}

/** The canonical id that names a snapshot: without revision for a repository, whole for a wheel. */
export function snapshotId(id: Exclude<ModelId, { kind: 'folder' }>): string {
  return id.kind === 'hub' ? id.repository : formatModelId(id);
}

/** `org--name`; a wheel's own snapshots take a '+', which no repository name holds. */
function modelFolder(id: string): string {
  const wheel = /^wheel:([^=]+)==/.exec(id)?.[1];
  return wheel === undefined ? id.split('/').map(encodeName).join('--') : `wheel+${encodeName(wheel)}`;
}

/** A name for one path component; what file systems treat specially is percent-encoded. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/[*'()!~]/g, (unit) => `%${unit.charCodeAt(0).toString(16)}`);
}

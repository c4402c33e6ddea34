import { randomBytes } from 'node:crypto';
import path from 'node:path';

import { formatModelId, type ModelId } from '../model-id.js';
import { encodeName } from './encode-name.js';
import { temporaryOwner } from './temporary-owner.js';

/**
 * Where things lie below the root of the cache:
 *
 *     blobs/sha256-<hex>                    content, by what it is
 *     partial/<identity>.part               content that is still coming in, by what it will be
 *     snapshots/<org>--<name>/<revision>/   one model: real files, and snapshot.json that lists them
 *     refs/<org>--<name>/<branch>.json      which revision a branch or tag was when it was fetched
 *     prepared/<key>/                       one model made ready: its graph, tokenizer and record, or a portable folder
 *     bridge/<backend>/                     a virtual environment of Python, marked when it is whole
 *     leases/<random>.json                  who has what loaded
 *     locks/<name>.lock                     who is writing what
 *     tmp/<process>-<random>/               work in progress, renamed when it is done
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

  get partials(): string {
    return path.join(this.root, 'partial');
  }

  get preparedModels(): string {
    return path.join(this.root, 'prepared');
  }

  get bridge(): string {
    return path.join(this.root, 'bridge');
  }

  get leases(): string {
    return path.join(this.root, 'leases');
  }

  get locks(): string {
    return path.join(this.root, 'locks');
  }

  blob(sha256: string): string {
    return path.join(this.blobs, `sha256-${sha256}`);
  }

  partial(identity: string): string {
    return path.join(this.partials, `${identity}.part`);
  }

  prepared(key: string): string {
    return path.join(this.preparedModels, key);
  }

  environment(backend: string): string {
    return path.join(this.bridge, backend);
  }

  /** Held while packages are installed. */
  environmentLock(backend: string): string {
    return this.lock(`bridge-${backend}`);
  }

  lock(name: string): string {
    return path.join(this.locks, `${name}.lock`);
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
    return path.join(this.temporary, `${temporaryOwner()}-${randomBytes(6).toString('hex')}`);
  }
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

import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { throwIfAborted } from '../../shared/abort.js';
import { isIsovecError, IsovecError, systemErrorCode } from '../../shared/isovec-error.js';
import { silentLogger, type Logger } from '../../shared/log.js';
import type { ExpectedContent, RemoteFile } from '../sources/source.js';
import type { CacheLayout } from './cache-layout.js';
import { ContentDigest, describeContent, digestFile, matches, type FoundContent } from './content-digest.js';
import { syncFolder } from './durable-files.js';
import { withFileLock, type FileLock } from './file-lock.js';

/** Failures in a row without a byte of progress before a source is given up; the pauses double from a quarter second. */
const MAX_FAILURES = 4;
const FIRST_PAUSE_MS = 250;

export interface BlobOptions {
  readonly signal?: AbortSignal | undefined;
  readonly logger?: Logger | undefined;
  /** How many bytes of the file are there. */
  readonly onBytes?: ((done: number) => void) | undefined;
}

/**
 * Brings a file's content into the store, unless it is there, and hands its path to `use` while the blob is locked,
 * so that nobody removes it meanwhile. What is there is read again and its digest checked before it is used; bytes of
 * an interrupted attempt are kept, re-hashed and continued. DIGEST_MISMATCH if the source delivers other content.
 */
export async function withBlob<T>(
  layout: CacheLayout,
  file: RemoteFile,
  options: BlobOptions,
  use: (blob: string, content: FoundContent) => Promise<T>,
): Promise<T> {
  const identity = blobIdentity(file.expected, file.name);
  const lockOptions = { signal: options.signal, logger: options.logger };
  return withFileLock(layout.lock(identity), lockOptions, async (lock) => {
    const present = await findBlob(layout, file, options);
    if (present !== undefined) return use(layout.blob(present.sha256), present);
    const partial = layout.partial(identity);
    await mkdir(path.dirname(partial), { recursive: true });
    const content = await fetchContent(partial, file, options);
    await requireHeld(lock, file.name);
    const place = async (): Promise<T> => {
      const blob = layout.blob(content.sha256);
      await mkdir(layout.blobs, { recursive: true });
      // Content that a Git digest named may be there already, linked from other snapshots.
      if (file.expected.sha256 === undefined && (await holds(blob, content))) {
        await rm(partial, { force: true });
      } else {
        await rename(partial, blob);
        await syncFolder(layout.blobs);
      }
      return use(blob, content);
    };
    // Removal locks by SHA-256, which was not known before; locks are always taken in this order.
    if (file.expected.sha256 !== undefined) return place();
    return withFileLock(layout.lock(`sha256-${content.sha256}`), lockOptions, place);
  });
}

/** What a blob is known by before its bytes are there. FORMAT_INVALID if the source gives no digest at all. */
function blobIdentity(expected: ExpectedContent, name: string): string {
  if (expected.sha256 !== undefined) return `sha256-${expected.sha256}`;
  if (expected.gitOid !== undefined) return `git-${expected.gitOid}`;
  throw new IsovecError(
    'FORMAT_INVALID',
    `The source gives no digest of ${name}, so its content could not be checked.`,
    {
      data: { file: name },
    },
  );
}

async function findBlob(
  layout: CacheLayout,
  file: RemoteFile,
  options: BlobOptions,
): Promise<FoundContent | undefined> {
  if (file.expected.sha256 === undefined) return undefined;
  const blob = layout.blob(file.expected.sha256);
  try {
    await stat(blob);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const found = await digestFile(blob, file.expected, options);
  if (matches(found, file.expected)) return found;
  options.logger?.warn(`The cached copy of ${file.name} is damaged and is fetched again.`, {
    file: file.name,
    expected: describeContent(file.expected),
    found: describeContent(found),
  });
  await rm(blob, { force: true });
  return undefined;
}

async function holds(blob: string, { size, sha256 }: FoundContent): Promise<boolean> {
  try {
    return matches(await digestFile(blob, { size, sha256 }), { size, sha256 });
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function fetchContent(partial: string, file: RemoteFile, options: BlobOptions): Promise<FoundContent> {
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT, 0o666);
  let found: FoundContent;
  try {
    let attempt = await fillFile(handle, file, options);
    if (!matches(attempt.content, file.expected) && attempt.continued) {
      // The earlier bytes may be the wrong ones: only a whole transfer proves the source wrong.
      options.logger?.warn(`The continued download of ${file.name} is damaged and starts again.`, { file: file.name });
      await handle.truncate(0);
      attempt = await fillFile(handle, file, options);
    }
    found = attempt.content;
    if (matches(found, file.expected)) await handle.sync();
  } finally {
    await handle.close();
  }
  if (!matches(found, file.expected)) {
    await rm(partial, { force: true });
    throw mismatch(file, describeContent(found));
  }
  return found;
}

/** Reads on from what the file holds until the expected length is there. Tells whether the bytes came in one piece. */
async function fillFile(
  handle: FileHandle,
  file: RemoteFile,
  options: BlobOptions,
): Promise<{ content: FoundContent; continued: boolean }> {
  let digest = await digestOfHandle(handle, file.expected, options.signal);
  let continued = digest.size > 0;
  let failures = 0;
  let furthest = digest.size;
  let wholeSize: number | undefined;
  options.onBytes?.(digest.size);
  while (digest.size < file.expected.size) {
    throwIfAborted(options.signal);
    try {
      const opened = await file.open(digest.size, options.signal);
      if (opened.offset === 0 && digest.size > 0) {
        await handle.truncate(0);
        digest = new ContentDigest(file.expected);
        continued = false;
      }
      continued ||= opened.offset > 0;
      for await (const chunk of opened.bytes) {
        throwIfAborted(options.signal);
        // A source that never ends must not fill the disk (CWE-400).
        if (digest.size + chunk.byteLength > file.expected.size) {
          await handle.truncate(0);
          throw mismatch(file, `more than ${file.expected.size} bytes`);
        }
        await writeAll(handle, chunk, digest.size);
        digest.update(chunk);
        // A source that begins again each time makes no progress until it is beyond where it was.
        if (digest.size > furthest) failures = 0;
        furthest = Math.max(furthest, digest.size);
        options.onBytes?.(digest.size);
      }
      if (digest.size < file.expected.size) {
        // A whole transfer that twice ends at the same place is no accident: the file is a shorter one.
        if (opened.offset === 0 && wholeSize === digest.size) {
          await handle.truncate(0);
          throw mismatch(file, `${digest.size} bytes`);
        }
        if (opened.offset === 0) wholeSize = digest.size;
        throw new IsovecError(
          'SOURCE_UNREACHABLE',
          `The transfer of ${file.name} ended after ${digest.size} of ${file.expected.size} bytes.`,
          { data: { file: file.name } },
        );
      }
    } catch (error) {
      throwIfAborted(options.signal);
      if (!isIsovecError(error, 'SOURCE_UNREACHABLE') || ++failures >= MAX_FAILURES) throw error;
      (options.logger ?? silentLogger).warn(`${error.message} Trying again.`, { file: file.name, failures });
      await sleep(FIRST_PAUSE_MS * 2 ** (failures - 1), undefined, { signal: options.signal }).catch(() => undefined);
    }
  }
  return { content: digest.found(), continued };
}

/** Digest of the bytes that an earlier attempt left; more than the expected length is none of ours and is dropped. */
async function digestOfHandle(
  handle: FileHandle,
  expected: ExpectedContent,
  signal: AbortSignal | undefined,
): Promise<ContentDigest> {
  const digest = new ContentDigest(expected);
  const { size } = await handle.stat();
  if (size === 0) return digest;
  if (size > expected.size) {
    await handle.truncate(0);
    return digest;
  }
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (;;) {
    throwIfAborted(signal);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, digest.size);
    if (bytesRead === 0) return digest;
    digest.update(buffer.subarray(0, bytesRead));
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    const step = await handle.write(bytes, written, bytes.byteLength - written, position + written);
    written += step.bytesWritten;
  }
}

async function requireHeld(lock: FileLock, name: string): Promise<void> {
  if (await lock.isHeld()) return;
  throw new IsovecError(
    'SOURCE_UNREACHABLE',
    `Another process took over the download of ${name} while this one did not run. Try again.`,
    { data: { file: name } },
  );
}

function mismatch(file: RemoteFile, found: string): IsovecError {
  const expected = describeContent(file.expected);
  return new IsovecError(
    'DIGEST_MISMATCH',
    `${file.name} is not the file that was published: expected ${expected}, found ${found}. Nothing of it was kept. ` +
      'Try again; if it stays so, the source or something on the way to it alters files.',
    { data: { file: file.name, expected, found } },
  );
}

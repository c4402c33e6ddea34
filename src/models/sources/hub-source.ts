import { z } from 'zod';

import { IsovecError, isIsovecError } from '../../shared/isovec-error.js';
import type { CatalogueEntry } from '../catalogue.js';
import { isCommit, parseModelId, type HubModelId } from '../model-id.js';
import { hubGet, type HubAnswer } from './hub-request.js';
import { checkFileName, selectModelFiles } from './select-model-files.js';
import type { ExpectedContent, LocateOptions, ModelSource, OpenedBytes, RemoteFile, RemoteSnapshot } from './source.js';

export interface HubSourceOptions {
  /** Base address of a hub's API. */
  readonly endpoint: string;
  readonly token: string | undefined;
  /** How long the first answer may take: an unreachable hub must not keep anybody waiting. */
  readonly firstAnswerMs?: number;
}

const FIRST_ANSWER_MS = 5_000;
const LATER_ANSWER_MS = 30_000;
/** Listings of published repositories are far below both limits (CWE-400). */
const MAX_METADATA_BYTES = 64 * 1_024 * 1_024;
const MAX_LISTED_FILES = 100_000;
const RANGE_NOT_SATISFIABLE = 416;

interface ListedFile {
  readonly type: string;
  readonly path: string;
  readonly size: number;
  readonly oid?: string | undefined;
  readonly lfs?: { readonly oid: string; readonly size: number } | undefined;
}

const listedFileSchema: z.ZodType<ListedFile> = z.object({
  type: z.string(),
  path: z.string(),
  size: z.int().nonnegative(),
  oid: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .optional(),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).optional(),
});

/**
 * A model hub. The revision is pinned to a commit before anything else is asked; sizes and digests come from the
 * listing of that commit, bytes are streamed and can be continued in the middle.
 */
export function hubSource(options: HubSourceOptions): ModelSource {
  const endpoint = checkEndpoint(options.endpoint);
  return {
    name: `hub ${endpoint}`,
    remote: true,
    async locate(id, locate) {
      if (id.kind !== 'hub') throw new IsovecError('MODEL_NOT_FOUND', 'The id does not name a hub model.');
      return new HubRepository(endpoint, options, id, locate).snapshot();
    },
  };
}

class HubRepository {
  readonly #endpoint: string;
  readonly #options: HubSourceOptions;
  readonly #id: HubModelId;
  readonly #locate: LocateOptions;

  constructor(endpoint: string, options: HubSourceOptions, id: HubModelId, locate: LocateOptions) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#id = id;
    this.#locate = locate;
  }

  async snapshot(): Promise<RemoteSnapshot> {
    const { repository, commit } = await this.#pin();
    const listed = await this.#list(repository, commit);
    const small = new Map<string, Uint8Array>();
    const file = (name: string): RemoteFile => this.#file(repository, commit, expectedOf(listed, name), name, small);
    const selected = await selectModelFiles({
      model: repository,
      names: new Set(listed.keys()),
      read: async (name) => {
        const bytes = await readAll((await file(name).open(0, this.#locate.signal)).bytes, name);
        small.set(name, bytes);
        return bytes;
      },
    });
    for (const name of selected) checkFileName(name, `The listing of ${repository}`);
    const files = selected.map((name) => {
      const remote = file(name);
      return { ...remote, expected: withCatalogue(remote.expected, name, commit, this.#locate.entry) };
    });
    this.#reportDifference(commit, files);
    return {
      kind: 'remote',
      id: repository,
      revision: commit,
      origin: 'hub',
      from: this.#endpoint,
      files,
      close: () => Promise.resolve(),
    };
  }

  async #pin(): Promise<{ repository: string; commit: string }> {
    const { modelInfo } = await import('@huggingface/hub');
    const { repository, commit } = await this.#ask(async () => {
      const info: { name: unknown; sha: unknown } = await modelInfo({
        name: this.#id.repository,
        revision: this.#id.revision ?? 'main',
        hubUrl: this.#endpoint,
        additionalFields: ['sha'],
        fetch: this.#fetch(this.#options.firstAnswerMs ?? FIRST_ANSWER_MS),
      });
      return { repository: parseModelId(z.string().parse(info.name)), commit: info.sha };
    });
    if (
      repository.kind !== 'hub' ||
      repository.revision !== undefined ||
      typeof commit !== 'string' ||
      !isCommit(commit)
    ) {
      throw this.#notAHub('names no repository and commit');
    }
    return { repository: repository.repository, commit };
  }

  async #list(repository: string, commit: string): Promise<ReadonlyMap<string, ListedFile>> {
    const { listFiles } = await import('@huggingface/hub');
    return this.#ask(async () => {
      const files = new Map<string, ListedFile>();
      const entries = listFiles({
        repo: { type: 'model', name: repository },
        revision: commit,
        recursive: true,
        hubUrl: this.#endpoint,
        fetch: this.#fetch(LATER_ANSWER_MS),
      });
      for await (const entry of entries) {
        const file = listedFileSchema.parse(entry);
        if (file.type === 'file') files.set(file.path, file);
        if (files.size > MAX_LISTED_FILES) {
          throw new IsovecError('FORMAT_INVALID', `${repository} lists more than ${MAX_LISTED_FILES} files.`);
        }
      }
      return files;
    });
  }

  #file(
    repository: string,
    commit: string,
    expected: ExpectedContent,
    name: string,
    small: ReadonlyMap<string, Uint8Array>,
  ): RemoteFile {
    const encoded = name.split('/').map(encodeURIComponent).join('/');
    const url = `${this.#endpoint}/${repository}/resolve/${commit}/${encoded}`;
    return {
      name,
      expected,
      open: async (offset, signal) => {
        const known = small.get(name);
        if (known !== undefined) return { offset: 0, bytes: once(known) };
        return this.#open(url, `${name} of ${repository}`, offset, signal);
      },
    };
  }

  async #open(url: string, subject: string, offset: number, signal: AbortSignal | undefined): Promise<OpenedBytes> {
    const { token } = this.#options;
    const request = { endpoint: this.#endpoint, token, subject, timeoutMs: LATER_ANSWER_MS, signal };
    if (offset === 0) return { offset, bytes: (await hubGet(url, request)).body };
    try {
      const answer = await hubGet(url, { ...request, headers: { range: `bytes=${offset}-` } });
      return { offset: answeredOffset(answer, offset, subject), bytes: answer.body };
    } catch (error) {
      // The file is shorter than what is here: only from its beginning can that be told from an accident.
      if (isIsovecError(error) && error.data['status'] === RANGE_NOT_SATISFIABLE)
        return this.#open(url, subject, 0, signal);
      throw error;
    }
  }

  /** The client's own errors are those of {@link hubGet}; what is left means that this is no hub. */
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isIsovecError(error) && error.code !== 'CONFIG_INVALID') throw error;
      throw this.#notAHub('cannot be read', error);
    }
  }

  #notAHub(what: string, cause?: unknown): IsovecError {
    return new IsovecError(
      'SOURCE_UNREACHABLE',
      `The answer of ${this.#endpoint} for ${this.#id.repository} ${what}: it is no model hub, or a proxy or login page is in between.`,
      { cause, data: { endpoint: this.#endpoint } },
    );
  }

  /** A `fetch` for the client library, which has no signal, no time limit and no limit of length of its own. */
  #fetch(timeoutMs: number): typeof fetch {
    return async (input) => {
      const url = input instanceof Request ? input.url : input.toString();
      const answer = await hubGet(url, {
        endpoint: this.#endpoint,
        token: this.#options.token,
        subject: this.#id.revision === undefined ? this.#id.repository : `${this.#id.repository}@${this.#id.revision}`,
        timeoutMs,
        signal: this.#locate.signal,
        headers: { accept: 'application/json' },
      });
      return new Response(await readAll(answer.body, 'the listing'), { status: 200, headers: answer.headers });
    };
  }

  #reportDifference(commit: string, files: readonly RemoteFile[]): void {
    const entry = this.#locate.entry;
    const changed = files
      .filter(({ name, expected }) => entry?.files.find((file) => file.name === name)?.sha256 !== expected.sha256)
      .map((file) => file.name);
    if (entry !== undefined && changed.length > 0) {
      this.#locate.logger.info(`${entry.id} has changed since the catalogue was made; the hub's own digests apply.`, {
        commit,
        changed,
      });
    }
  }
}

function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new IsovecError(
      'CONFIG_INVALID',
      'The hub endpoint (HF_ENDPOINT) must be an http or https address without user name and password; use HF_TOKEN.',
    );
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function expectedOf(listed: ReadonlyMap<string, ListedFile>, name: string): ExpectedContent {
  const file = listed.get(name);
  if (file === undefined)
    throw new IsovecError('MODEL_FILE_MISSING', `The hub does not list ${name}.`, { data: { file: name } });
  if (file.lfs !== undefined) return { size: file.lfs.size, sha256: file.lfs.oid };
  return { size: file.size, ...(file.oid === undefined ? {} : { gitOid: file.oid }) };
}

/**
 * Adds the catalogue's SHA-256 where the hub lists the very file of the catalogue, or claims the catalogue's commit.
 * A repository that has moved on has other files, and the hub's digests are all that is known of them.
 */
function withCatalogue(
  expected: ExpectedContent,
  name: string,
  commit: string,
  entry: CatalogueEntry | undefined,
): ExpectedContent {
  const known = entry?.files.find((file) => file.name === name);
  if (known === undefined) return expected;
  const same = commit === entry?.revision || expected.sha256 === known.sha256 || expected.gitOid === known.gitOid;
  return same ? { ...expected, size: known.size, sha256: known.sha256 } : expected;
}

function answeredOffset(answer: HubAnswer, offset: number, name: string): number {
  if (answer.status === 200) return 0;
  const begin = /^bytes (\d+)-/.exec(answer.headers.get('content-range') ?? '')?.[1];
  if (answer.status === 206 && begin !== undefined && Number(begin) === offset) return offset;
  throw new IsovecError('SOURCE_UNREACHABLE', `The hub answered another range of ${name} than was asked for.`, {
    data: { file: name },
  });
}

async function readAll(bytes: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > MAX_METADATA_BYTES) {
      throw new IsovecError(
        'FORMAT_INVALID',
        `The hub's answer for ${name} is larger than ${MAX_METADATA_BYTES} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  const all = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(bytes);
}

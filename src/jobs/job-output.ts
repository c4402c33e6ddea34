import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { IsovecError, systemErrorCode } from '../shared/isovec-error.js';
import { type JobFiles, jobFiles } from './job-files.js';
import { readJournal } from './job-journal.js';
import { resolveOutputFile } from './output-file.js';

/** What may be done to files that are there already. */
export interface OutputPermissions {
  /** Whether an interrupted job is continued. */
  readonly resume: boolean;
  /** Whether a result, finished or not, is replaced. */
  readonly force: boolean;
}

/**
 * The files of the job that writes `name`, links followed, so that replacing it replaces what the link leads to. It is
 * checked before a model is loaded that the job may begin. CONFIG_INVALID, with the way out: a folder or device, a
 * folder that does not exist or cannot be written, a result or an interrupted job that is there without leave to touch
 * it.
 */
export async function openOutput(name: string, { resume, force }: OutputPermissions): Promise<JobFiles> {
  const target = await resolveOutputFile(name);
  await assertWritable(path.dirname(target));
  const files = jobFiles(target);
  if (resume || force) return files;
  const journal = await readJournal(files.journal);
  if (journal !== undefined) {
    const rows = journal.checkpoints.at(-1)?.sourceRows ?? 0;
    throw new IsovecError(
      'CONFIG_INVALID',
      `An interrupted job of ${name} is there, with ${rows} rows done. Continue it with --resume, or begin anew with --force.`,
      { data: { file: name, rows } },
    );
  }
  if (await exists(target)) {
    throw new IsovecError(
      'CONFIG_INVALID',
      `${name} exists already. Replace it with --force, or choose another name.`,
      {
        data: { file: name },
      },
    );
  }
  return files;
}

/** Whether there is something of this name. */
export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function assertWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = systemErrorCode(cause);
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be written (${code ?? 'unknown reason'})`;
    throw new IsovecError('CONFIG_INVALID', `The folder ${folder} ${reason}; choose another place.`, { cause });
  }
}

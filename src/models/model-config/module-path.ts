import { IsovecError } from '../../shared/isovec-error.js';
import { showValue } from './config-fields.js';

/**
 * A module's folder as modules.json gives it, in the form that file names inside the model begin with: '' for the
 * root, else 'a/b' without './' or a trailing '/'.
 *
 * A path is refused by its text alone: absolute, with a backslash, a drive letter, a NUL or any '..' component, even
 * one that would come back into the model (CWE-22). FORMAT_INVALID naming modules.json and path.
 */
export function checkModulePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || /[\\\0]|^[A-Za-z]:/.test(path) || parts.includes('..')) {
    throw new IsovecError(
      'FORMAT_INVALID',
      `modules.json: path ${showValue(path)} must be a relative path inside the model, without '..' or '\\'.`,
      { data: { file: 'modules.json', key: 'path' } },
    );
  }
  return parts.join('/');
}

/** The name of a file in a folder of the model; '' is the root. */
export function insideFolder(folder: string, file: string): string {
  return folder === '' ? file : `${folder}/${file}`;
}

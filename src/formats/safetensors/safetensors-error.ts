import { IsovecError } from '../../shared/isovec-error.js';
import { quote } from '../quote.js';

/** What a user can do about a file that breaks the format. */
const WAY_OUT = 'Fetch the file again, or save it again with a safetensors writer.';

/** FORMAT_INVALID for a rule of the safetensors format: which file, which tensor, which rule, and the way out. */
export function safetensorsError(file: string, rule: string, tensor?: string): IsovecError {
  const subject = tensor === undefined ? file : `${file}: tensor ${quote(tensor)}`;
  return new IsovecError('FORMAT_INVALID', `${subject} ${rule} ${WAY_OUT}`, {
    data: tensor === undefined ? { file } : { file, tensor },
  });
}

import { readFile } from 'node:fs/promises';
import { errorMessage, IsovecError } from '../shared/isovec-error.js';

/** A secret that is all of a file, but for the end of its line. CONFIG_INVALID for a file that cannot be read or is empty. */
export async function readSecretFile(file: string, variable: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const message = `The file ${file}, which ${variable} names, cannot be read: ${errorMessage(cause)}.`;
    throw new IsovecError('CONFIG_INVALID', message, { cause, data: { variable, file } });
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '' && !/[\r\n]/.test(secret)) return secret;
  const message = `The file ${file}, which ${variable} names, must hold one line: the secret.`;
  throw new IsovecError('CONFIG_INVALID', message, { data: { variable, file } });
}

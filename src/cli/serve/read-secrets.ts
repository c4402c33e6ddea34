import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';

/** The keys that requests must carry one of: those of a file, a line each, and those of the environment. */
export async function readApiKeys(file: string | undefined): Promise<readonly string[]> {
  const listed = file === undefined ? [] : keysIn(await readText(file, 'file of API keys'), '\n');
  const broken = listed.find((key) => /\s/.test(key));
  if (file !== undefined && (listed.length === 0 || broken !== undefined)) {
    throw new IsovecError('CONFIG_INVALID', `The file of API keys ${file} must hold one key a line, without spaces.`);
  }
  return [...listed, ...keysIn(process.env['ISOVEC_API_KEYS'] ?? '', ',')];
}

/** Certificate chain and private key; CONFIG_INVALID for one without the other, or a file that cannot be read. */
export async function readTls(
  cert: string | undefined,
  key: string | undefined,
): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new IsovecError('CONFIG_INVALID', 'TLS needs both --tls-cert and --tls-key.');
  }
  return { cert: await readText(cert, 'certificate'), key: await readText(key, 'private key') };
}

function keysIn(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((key) => key.trim())
    .filter((key) => key !== '');
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new IsovecError('CONFIG_INVALID', `The ${what} ${file} cannot be read: ${errorMessage(cause)}.`, { cause });
  }
}

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import ranks from 'js-tiktoken/ranks/cl100k_base';

/** Where Python's tiktoken downloads OpenAI's vocabulary from; its cache is keyed by the hash of this. */
const SOURCE = 'https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken';

/**
 * Fills a cache of Python's tiktoken from the npm package of the same vocabulary, so that nothing is downloaded. tiktoken
 * compares the hash of the file with the one that it knows.
 */
export async function writeTiktokenCache(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines: string[] = [];
  // Each line of the package: "!", the rank of the first token, and tokens of rising rank.
  for (const line of ranks.bpe_ranks.split('\n').filter((text) => text !== '')) {
    const [, first, ...tokens] = line.split(' ');
    for (const [i, token] of tokens.entries()) lines.push(`${token} ${Number(first) + i}\n`);
  }
  const name = createHash('sha1').update(SOURCE).digest('hex');
  await writeFile(path.join(folder, name), lines.join(''));
}

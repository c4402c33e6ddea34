import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';

import { temporaryFolder } from '../../../engine/support/tiny-model.js';

/**
 * An interpreter that speaks the bridge's wire as `handle` says, in JavaScript: `(message, answer, say) => void`, where
 * `answer(result)` answers and `say(line)` writes a line as it is.
 */
export async function fakeBridge(handle: string): Promise<string> {
  const file = path.join(await temporaryFolder(), 'python');
  const program = `#!${process.execPath}
const say = (line) => process.stdout.write(line + '\\n');
let pings = 0;
const vectors = (n, d, value = 1) => ({ data: Buffer.from(Float32Array.from({ length: n * d }, () => value).buffer).toString('base64'), shape: [n, d] });
const model = (more = {}) => ({ backend: 'echo', reason: 'it was asked for', device: 'cpu', providers: ['none'], dimensions: 32, hidden_size: 32, max_seq_length: 64, vocabulary_size: 100000, similarity: 'cosine', versions: {}, ...more });
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  const answer = (result) => say(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
  const fail = (code) => say(JSON.stringify({ jsonrpc: '2.0', id: message.id, error: { code: -32603, message: 'It failed.', data: { code } } }));
  const [rows, length] = message.params.token_ids?.shape ?? [0, 0];
  (${handle})({ ...message, rows, length }, { answer, fail, say, vectors, model });
}).on('close', () => process.exit(0));
`;
  await writeFile(file, program);
  await chmod(file, 0o755);
  return file;
}

/** What a bridge does that keeps the contract, with `embed` for a batch. */
export function wellBehaved(embed: string): string {
  return `(m, { answer, fail, say, vectors, model }) => {
    if (m.method === 'ping') answer({ pong: true });
    else if (m.method === 'load_model') answer(model());
    else if (m.method === 'embed_batch') { ${embed} }
    else answer({});
  }`;
}

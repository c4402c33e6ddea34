import { installedVersion } from '../../engine/read-versions.js';
import { errorMessage } from '../../shared/isovec-error.js';
import type { DoctorFinding } from './finding.js';

/** A tokenizer of one word: that it can be built and used shows that the native library works. */
const SMALLEST_TOKENIZER = {
  json: JSON.stringify({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' },
  }),
  padTokenId: undefined,
  specialTokenIds: [],
  truncationSide: 'right',
  feedsTokenTypeIds: false,
  vocabularySize: 1,
  highestTokenId: 0,
} as const;

/** The native packages: whether they are there, and work. */
export async function packageFindings(): Promise<DoctorFinding[]> {
  return [
    await finding('onnxruntime-node', 'npm install --ignore-scripts onnxruntime-node', async () => {
      const { loadEngine } = await import('../../runtime/sessions/load-engine.js');
      loadEngine();
    }),
    await finding('tokenizers', 'npm install tokenizers', async () => {
      const { TextTokenizer } = await import('../../runtime/tokenizer.js');
      await (await TextTokenizer.load(SMALLEST_TOKENIZER, 8)).encodeBatch(['a']);
    }),
  ];
}

async function finding(name: string, command: string, use: () => Promise<void>): Promise<DoctorFinding> {
  try {
    await use();
    return { name, status: 'ok', detail: installedVersion(name) ?? 'loaded; version unknown' };
  } catch (error) {
    const wayOut = `Run '${command}' where isovec is installed.`;
    return { name, status: 'fail', detail: errorMessage(error), wayOut, essential: true };
  }
}

import { nativeVersion } from '../../engine/read-versions.js';
import type { NativeName } from '../../runtime/native-packages.js';
import { errorMessage } from '../../shared/isovec-error.js';
import { engineFinding } from './engine-finding.js';
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

/** The native packages: where they come from, and whether they work. */
export async function packageFindings(): Promise<DoctorFinding[]> {
  return [
    await finding('onnxruntime-node', async () => {
      const { loadEngine } = await import('../../runtime/sessions/load-engine.js');
      loadEngine();
    }),
    await finding('tokenizers', async () => {
      const { TextTokenizer } = await import('../../runtime/tokenizer.js');
      await (await TextTokenizer.load(SMALLEST_TOKENIZER, 8)).encodeBatch(['a']);
    }),
    await engineFinding(),
  ];
}

async function finding(name: NativeName, use: () => Promise<void>): Promise<DoctorFinding> {
  try {
    await use();
    const { version = 'loaded; version unknown', engine } = nativeVersion(name) ?? {};
    return { name, status: 'ok', detail: `${version}, from ${engine ?? 'the official package'}` };
  } catch (error) {
    const wayOut = 'isovec computes nothing in this process without it.';
    return { name, status: 'fail', detail: errorMessage(error), wayOut, essential: true };
  }
}

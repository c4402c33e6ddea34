import type { MemoryEncoder } from '../../memory/memory-encoder.js';
import type { ProgressListener } from '../../shared/progress.js';

/** Texts of one step of progress: enough to group them by length, few enough to be seen. */
const STEP_TEXTS = 128;

/** An encoder that tells how far it is with many texts; their vectors are those of the given one. */
export function progressEncoder(
  encoder: MemoryEncoder,
  { subject, onProgress }: { readonly subject: string; readonly onProgress: ProgressListener },
): MemoryEncoder {
  return {
    space: encoder.space,
    profile: (text) => encoder.profile(text),
    async encodeBatch(texts, options) {
      if (texts.length <= STEP_TEXTS) return encoder.encodeBatch(texts, options);
      const width = encoder.space.dimensions;
      const data = new Float32Array(texts.length * width);
      for (let done = 0; done < texts.length; done += STEP_TEXTS) {
        onProgress({ phase: 'embed', subject, done, total: texts.length, unit: 'texts' });
        const end = done + STEP_TEXTS;
        const profiles = options.profiles.slice(done, end);
        const batch = await encoder.encodeBatch(texts.slice(done, end), { ...options, profiles });
        data.set(batch.data, done * width);
      }
      onProgress({ phase: 'embed', subject, done: texts.length, total: texts.length, unit: 'texts' });
      return { data };
    },
  };
}

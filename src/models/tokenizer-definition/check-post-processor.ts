import { isJsonObject } from '../../formats/json/parse-json.js';
import { IsovecError } from '../../shared/isovec-error.js';

/**
 * Refuses templates that hold the text more than once, or not at all: truncation would have to happen inside them.
 * Other post-processors cannot repeat a text. ARCHITECTURE_UNSUPPORTED naming the file and post_processor.
 */
export function checkPostProcessor(postProcessor: unknown, file: string): void {
  if (!isJsonObject(postProcessor)) return;
  const { processors, single } = postProcessor;
  if (Array.isArray(processors)) for (const step of processors) checkPostProcessor(step, file);
  if (!Array.isArray(single)) return;
  const sequences = single.filter((piece: unknown) => isJsonObject(piece) && 'Sequence' in piece).length;
  if (sequences === 1) return;
  throw new IsovecError(
    'ARCHITECTURE_UNSUPPORTED',
    `${file}: the template of post_processor holds the text ${sequences} times; isovec supports it once.`,
    { data: { file, key: 'post_processor' } },
  );
}

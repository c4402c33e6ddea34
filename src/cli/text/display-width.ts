/** Characters that a terminal shows in two columns: East Asian wide and full-width ones (UAX #11), and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

/** Characters without a column of their own: combining marks and format characters. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

const PLAIN = /^[\x20-\x7e]*$/;

/** Made when first needed: it takes longer to make than a plain table to print. */
let segmenter: Intl.Segmenter | undefined;

/** The characters of a text as a reader sees them, each with the terminal columns it takes. */
export function displayCharacters(text: string): { readonly character: string; readonly width: number }[] {
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => ({ character: segment, width: widthOf(segment) }));
}

/** Terminal columns that a text takes. The text holds no control characters. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return displayCharacters(text).reduce((sum, { width }) => sum + width, 0);
}

function widthOf(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

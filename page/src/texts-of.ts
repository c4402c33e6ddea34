/** Most texts that the page takes at once: every pair is compared, on the thread that draws. */
export const MAX_TEXTS = 1000;

/** The texts of a field with a text a line, and how many lines held one. */
export interface ReadTexts {
  readonly texts: readonly string[];
  readonly found: number;
}

/** Reads a text a line; empty lines are none. */
export function textsOf(field: string): ReadTexts {
  const lines = field.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  return { texts: lines.slice(0, MAX_TEXTS), found: lines.length };
}

/** Emphasis on a terminal; each function gives the text as it is where there are no colours. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly red: (text: string) => string;
}

const same = (text: string): string => text;

/** The style of a pipe or file. */
export const PLAIN_STYLE: Style = { bold: same, dim: same, green: same, yellow: same, red: same };

/**
 * The style of an output: colours on a terminal, and not where NO_COLOR asks for none (no-color.org). FORCE_COLOR asks
 * for them everywhere, except as 0.
 */
export async function styleFor(
  output: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Style> {
  const refused = (environment['NO_COLOR'] ?? '') !== '';
  const forced = !['', '0', 'false'].includes(environment['FORCE_COLOR'] ?? '');
  const able = output.isTTY === true && environment['TERM'] !== 'dumb';
  if (refused || !(able || forced)) return PLAIN_STYLE;
  const { default: picocolors } = await import('picocolors');
  return picocolors.createColors(true);
}

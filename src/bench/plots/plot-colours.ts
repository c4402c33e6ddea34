/** One colour on a light and on a dark ground. */
interface ThemedColour {
  readonly light: string;
  readonly dark: string;
}

function themed(light: string, dark: string): ThemedColour {
  return { light, dark };
}

/**
 * The colours of plots. A plot is drawn in the light ones; no two of them are equal, because a plot's own style sheet
 * finds each by its light value where a reader prefers dark.
 */
export const PLOT_COLOURS: Readonly<Record<'paper' | 'ink' | 'faint' | 'grid' | 'accent' | 'other', ThemedColour>> = {
  paper: themed('#ffffff', '#0d1117'),
  ink: themed('#1f2328', '#e6edf3'),
  faint: themed('#59636e', '#9aa4af'),
  grid: themed('#d9dee3', '#30363d'),
  /** What a plot is about. */
  accent: themed('#0b5fbf', '#58a6ff'),
  /** What it is compared with. */
  other: themed('#9aa3ad', '#6b7480'),
};

/** Colours of lines in their order, told apart with any kind of colour vision (after Okabe and Ito). */
export const SERIES_COLOURS: readonly ThemedColour[] = [
  PLOT_COLOURS.accent,
  themed('#c2540a', '#f0883e'),
  themed('#00795c', '#3fb68b'),
  themed('#a43a7d', '#e07bb9'),
  themed('#7a6a00', '#d6c13d'),
  themed('#4a4f9c', '#a5a8f0'),
];

/** Style rules that give every colour its dark value where the reader prefers dark. */
export function darkRules(): string {
  const colours = [...Object.values(PLOT_COLOURS), ...SERIES_COLOURS.slice(1)];
  const rules = colours.flatMap(({ light, dark }) => [
    `[fill="${light}"]{fill:${dark}}`,
    `[stroke="${light}"]{stroke:${dark}}`,
  ]);
  return `@media (prefers-color-scheme:dark){${rules.join('')}}`;
}

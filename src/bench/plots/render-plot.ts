import type { TopLevelSpec } from 'vega-lite';
import { loadVega } from './load-vega.js';
import { darkRules, PLOT_COLOURS } from './plot-colours.js';

const FONT = 'system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif';
const { paper, ink, faint, grid } = PLOT_COLOURS;
/** Pixels around a plot. */
export const PLOT_PADDING = 12;
/** Mean pixels of a letter of 12 pixels. The library knows no font here and takes letters for half as wide again. */
export const LETTER = 6.6;
const TITLE_LETTER = 8.6;

/**
 * Draws a Vega-Lite description as an SVG text that stands alone: no script, no address, light or dark as the reader
 * prefers, and `width` pixels wide. `description` is what a screen reader says. PACKAGE_MISSING.
 */
export async function renderPlot(specification: TopLevelSpec, description: string, width: number): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  const config = {
    font: FONT,
    background: paper.light,
    padding: PLOT_PADDING,
    view: { stroke: null },
    title: {
      anchor: 'start',
      frame: 'bounds',
      color: ink.light,
      fontSize: 15,
      fontWeight: 600,
      subtitleColor: faint.light,
      subtitleFontSize: 12,
      subtitlePadding: 4,
      offset: 12,
    },
    axis: {
      labelColor: faint.light,
      labelFontSize: 12,
      titleColor: faint.light,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      gridColor: grid.light,
      domainColor: grid.light,
      tickColor: grid.light,
    },
    legend: { labelColor: ink.light, labelFontSize: 12, symbolStrokeWidth: 3 },
  } as const;
  const { spec } = vegaLite.compile(specification, { config });
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    const label = description.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
    return svg.replace(
      /^<svg .*?width="[\d.]+" height="([\d.]+)" viewBox="[\d. ]+">/,
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="$1" viewBox="0 0 ${width} $1" role="img" aria-label="${label}"><style>${darkRules()}</style>`,
    );
  } finally {
    view.finalize();
  }
}

/** Heading of a plot, in as many lines as its width needs. */
export function titleOf(
  title: string,
  subtitle: string | undefined,
  width: number,
): { text: string[]; subtitle?: string[] } {
  const room = width - 2 * PLOT_PADDING;
  const text = wrapped(title, room / TITLE_LETTER);
  return subtitle === undefined ? { text } : { text, subtitle: wrapped(subtitle, room / LETTER) };
}

/** The text, cut with an ellipsis where it would take more than so many pixels. */
export function cutText(text: string, pixels: number): string {
  const letters = Array.from(text);
  const most = Math.max(1, Math.floor(pixels / LETTER));
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

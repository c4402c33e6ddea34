import { IsovecError } from '../../shared/isovec-error.js';
import { formatFigure } from '../format-figure.js';
import { PLOT_COLOURS } from './plot-colours.js';
import { cutText, LETTER, PLOT_PADDING, renderPlot, titleOf } from './render-plot.js';

/** One bar. */
export interface Bar {
  readonly label: string;
  /** Finite, not negative. */
  readonly value: number;
  /** Whether the plot is about this bar; the others are what it is compared with. */
  readonly accent?: boolean;
  /** Follows the value, such as a reservation: "wrong vectors". */
  readonly note?: string;
}

/** Bars that are measured by the same scale, under a heading of their own. */
export interface BarGroup {
  readonly heading: string;
  readonly bars: readonly Bar[];
}

/** What {@link barPlot} draws. */
export interface BarPlot {
  readonly title: string;
  readonly subtitle?: string;
  /** Each group has a scale of its own, which begins at 0. */
  readonly groups: readonly BarGroup[];
  /** Pixels, 720 by default. Below 480 the labels stand above their bars. */
  readonly width?: number;
}

const NARROW = 480;
/** Share of the room beside the labels that a value and its note may take; the longest bar keeps the rest. */
const MOST_TEXT = 0.75;
const TEXT_GAP = 8;

/**
 * Horizontal bars, each with its value, as an SVG text that stands alone. INPUT_INVALID if there is no bar, or a value
 * is negative or not finite; PACKAGE_MISSING.
 */
export async function barPlot({ title, subtitle, groups, width = 720 }: BarPlot): Promise<string> {
  const bars = groups.flatMap((group) => group.bars);
  if (bars.length === 0) throw new IsovecError('INPUT_INVALID', `The plot "${title}" has no bars.`);
  for (const { label, value } of bars) {
    if (!Number.isFinite(value) || value < 0) {
      throw new IsovecError('INPUT_INVALID', `The bar "${label}" of the plot "${title}" cannot be ${value} long.`);
    }
  }
  const isNarrow = width < NARROW;
  const longest = Math.max(...bars.map(({ label }) => label.length));
  const labelColumn = isNarrow ? 0 : Math.min(Math.round(longest * LETTER) + 8, Math.round(width * 0.42));
  const room = width - 2 * PLOT_PADDING - labelColumn;
  const description = [
    `${title}.`,
    ...groups.map(
      ({ heading, bars: own }) =>
        `${heading}: ${own.map(({ label, value }) => `${label} ${formatFigure(value)}`).join(', ')}.`,
    ),
  ].join(' ');
  return renderPlot(
    {
      title: titleOf(title, subtitle, width),
      spacing: 16,
      vconcat: groups.filter((group) => group.bars.length > 0).map((group) => panel(group, room, labelColumn)),
    },
    description,
    width,
  );
}

function panel({ heading, bars }: BarGroup, room: number, labelColumn: number): object & { mark: 'bar' } {
  const above = labelColumn === 0;
  const rows = bars.map(({ label, value, accent = false, note }, order) => ({
    order: String(order).padStart(4, '0'),
    label: cutText(label, above ? room : labelColumn - 8),
    value,
    accent,
    text: cutText(note === undefined ? formatFigure(value) : `${formatFigure(value)} (${note})`, room * MOST_TEXT),
  }));
  const most = Math.max(...rows.map(({ value }) => value));
  // The texts behind the bars need room, too: the scale ends where the longest of them does.
  const share = Math.min(
    ...rows.map(({ value, text }) => {
      const left = room - text.length * LETTER - TEXT_GAP;
      return value === 0 || most === 0 ? 1 : (left / room) * (most / value);
    }),
  );
  const y = { field: 'order', type: 'ordinal', axis: null, scale: { paddingInner: 0.25, paddingOuter: 0.1 } } as const;
  const x = {
    field: 'value',
    type: 'quantitative',
    axis: null,
    scale: { domain: [0, (most === 0 ? 1 : most) / Math.min(1, share)], nice: false },
  } as const;
  const drop = above ? 8 : 0;
  const { accent, other, ink, faint } = PLOT_COLOURS;
  return {
    title: { text: heading, fontSize: 12, fontWeight: 600, offset: 6, frame: 'bounds' },
    width: room,
    height: { step: above ? 40 : 24 },
    data: { values: rows },
    layer: [
      {
        mark: { type: 'bar', height: 16, yOffset: drop },
        encoding: {
          y,
          x,
          color: { condition: { test: 'datum.accent', value: accent.light }, value: other.light },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 5, dy: drop, baseline: 'middle', fontSize: 12, color: ink.light },
        encoding: { y, x, text: { field: 'text' } },
      },
      {
        mark: {
          type: 'text',
          align: 'left',
          dx: -labelColumn,
          dy: above ? -10 : 0,
          baseline: 'middle',
          fontSize: 12,
          color: above ? faint.light : ink.light,
        },
        encoding: { y, x: { value: 0 }, text: { field: 'label' } },
      },
    ],
  } as unknown as { mark: 'bar' };
}

import { IsovecError } from '../../shared/isovec-error.js';
import { SERIES_COLOURS } from './plot-colours.js';
import { cutText, PLOT_PADDING, renderPlot, titleOf } from './render-plot.js';

/** One line: its points from left to right. */
export interface LineSeries {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** An axis of a plot. */
export interface PlotAxis {
  /** What is measured, and its unit. */
  readonly title: string;
  /** Whether equal distances are equal ratios; every value is then above 0. */
  readonly logarithmic?: boolean;
  /** Whether the axis begins at 0; a logarithmic one does not. */
  readonly fromZero?: boolean;
  /** Where the axis has its ticks; by default at round values. */
  readonly ticks?: readonly number[];
  /** How numbers are written, in d3-format's notation; by default as few digits as they need. */
  readonly format?: string;
}

/** What {@link linePlot} draws. */
export interface LinePlot {
  readonly title: string;
  readonly subtitle?: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  /** At most six, which have colours that can be told apart. */
  readonly series: readonly LineSeries[];
  /** Whether every point is marked: for measurements that are few. */
  readonly dots?: boolean;
  /** Whether a line keeps its height up to the next point, as a distribution of samples does. */
  readonly steps?: boolean;
  /** Pixels of the whole plot, 720 by default. */
  readonly width?: number;
}

/** Pixels of a letter as the library lays out legends, which is more than it takes. */
const LEGEND_LETTER = 10;
const LEGEND_SYMBOL = 30;
const HEIGHT = 340;

/**
 * Lines over a common axis as an SVG text that stands alone. INPUT_INVALID if there are no points, more than six lines,
 * or values that an axis cannot show; PACKAGE_MISSING.
 */
export async function linePlot(plot: LinePlot): Promise<string> {
  const { title, subtitle, x, y, series, dots = false, steps = false, width = 720 } = plot;
  check(plot);
  const room = width - 2 * PLOT_PADDING;
  const names = series.map(({ name }) => cutText(name, room - LEGEND_SYMBOL));
  const longest = Math.max(...names.map((name) => name.length));
  return renderPlot(
    {
      title: titleOf(title, subtitle, width),
      autosize: { type: 'fit', contains: 'padding' },
      width,
      height: HEIGHT,
      data: {
        values: series.flatMap(({ points }, i) => points.map(([at, value]) => ({ name: names[i], at, value }))),
      },
      mark: {
        type: 'line',
        strokeWidth: 2,
        interpolate: steps ? 'step-after' : 'linear',
        ...(dots ? { point: { size: 40, filled: true } } : {}),
      },
      encoding: {
        x: { field: 'at', type: 'quantitative', ...scaleOf(x) },
        y: { field: 'value', type: 'quantitative', ...scaleOf(y) },
        color: {
          field: 'name',
          type: 'nominal',
          sort: null,
          scale: { domain: names, range: names.map((_, i) => SERIES_COLOURS[i]?.light ?? '') },
          legend:
            series.length === 1
              ? null
              : {
                  title: null,
                  orient: 'top',
                  columns: Math.max(1, Math.floor(room / (longest * LEGEND_LETTER + LEGEND_SYMBOL))),
                  labelLimit: 0,
                },
        },
      },
    },
    `${title}. ${y.title} over ${x.title}: ${names.join(', ')}.`,
    width,
  );
}

function scaleOf({ title, logarithmic = false, fromZero = true, ticks, format }: PlotAxis): object {
  return {
    scale: logarithmic ? { type: 'log', nice: false } : { type: 'linear', zero: fromZero },
    axis: {
      title,
      labelOverlap: 'greedy',
      ...(ticks === undefined ? { tickCount: 6 } : { values: ticks }),
      ...(format === undefined ? {} : { format }),
    },
  };
}

function check({ title, x, y, series }: LinePlot): void {
  const invalid = (rule: string): IsovecError => new IsovecError('INPUT_INVALID', `The plot "${title}" ${rule}.`);
  if (series.every(({ points }) => points.length === 0)) throw invalid('has no points');
  if (series.length > SERIES_COLOURS.length) {
    throw invalid(`has ${series.length} lines, and ${SERIES_COLOURS.length} can be told apart`);
  }
  for (const { name, points } of series) {
    for (const point of points) {
      const fits = ([x, y] as const).every((axis, i) => {
        const value = point[i] ?? Number.NaN;
        return Number.isFinite(value) && (axis.logarithmic !== true || value > 0);
      });
      if (!fits) throw invalid(`cannot show the point (${point.join(', ')}) of "${name}"`);
    }
  }
}

/**
 * How fast it is: texts to measure with, and plots of what was measured. Plots need the optional packages vega and
 * vega-lite.
 *
 * @packageDocumentation
 */
export { generatedTexts } from './generated-texts.js';
export { type Bar, type BarGroup, type BarPlot, barPlot } from './plots/bar-plot.js';
export { type LinePlot, linePlot, type LineSeries, type PlotAxis } from './plots/line-plot.js';

/**
 * How fast it is: workloads, load generators, limits and reports. Plots need the optional packages vega and vega-lite.
 *
 * @packageDocumentation
 */
export type { VectorCheck } from './check-vectors.js';
export type { RowFormat } from '../files/rows/row-source.js';
export { generatedTexts } from './generated-texts.js';
export type { FailedCalls } from './load/call-record.js';
export type { ClosedLoad, LoadShape, OpenLoad } from './load/load-shape.js';
export type { LatencySummary } from './measure/latency-record.js';
export type { ProcessFigures } from './measure/process-monitor.js';
export { type Bar, type BarGroup, type BarPlot, barPlot } from './plots/bar-plot.js';
export { type LinePlot, linePlot, type LineSeries, type PlotAxis } from './plots/line-plot.js';
export type { BenchEnvironment, BenchReport, Measurement, WarmUp } from './report/bench-report.js';
export { readReport } from './report/read-report.js';
export type { NamedReport } from './report/report-plots.js';
export { toHtml } from './report/to-html.js';
export { type BenchOptions, runBench } from './run-bench.js';
export type { SlaVerdict } from './sla/judge-sla.js';
export type { SlaMetric } from './sla/parse-sla.js';
export { libraryTarget } from './targets/library-target.js';
export { type ProtocolName, type ServerOptions, serverTarget } from './targets/server-target.js';
export type { BenchTarget, TargetAnswer, TargetCall, TargetDescription } from './targets/target.js';
export { fileWorkload, type FileWorkloadOptions } from './workload/file-workload.js';
export { generatedWorkload, type WorkloadName, type WorkloadOptions } from './workload/generated-workload.js';
export type { Workload, WorkloadPart } from './workload/workload.js';

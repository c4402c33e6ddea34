import type { ProcessorProducts } from '../engine/quantize/processor-products.js';
import type { Quantization } from '../engine/quantize/quantization.js';
import type { QuantizationReport } from '../engine/quantize/quantization-report.js';
import { formatBytes } from './text/format-bytes.js';
import { formatCount } from './text/format-count.js';

const PRODUCTS: Readonly<Record<ProcessorProducts, string>> = {
  exact: 'adds products of 8-bit weights exactly',
  saturating: 'no VNNI: 7-bit weights are exact, 8-bit ones may saturate',
  unknown: 'not known whether it adds products of 8-bit weights exactly',
};
/** Hexadecimal digits that tell calibration texts apart for a person; --json gives all. */
const SHORT_DIGEST = 12;

/** What decided int8 weights, in a few words: `calibrated, version 2, 8-bit weights, texts 0123456789ab`. */
export function recipeOf({ recipe, recipeVersion, calibration, weightBits }: Quantization): string {
  const texts = calibration === null ? 'no texts' : `texts ${calibration.slice(0, SHORT_DIGEST)}`;
  return `${recipe}, version ${recipeVersion}, ${weightBits}-bit weights, ${texts}`;
}

/** How near int8 vectors are to float32, and how fast: the main figures of a report in one row. */
export function mainFigures({ cosine, neighbours, speed }: QuantizationReport): string {
  const { count, int8 } = neighbours;
  return (
    `cosine ${cosine.mean.toFixed(5)}, least ${cosine.min.toFixed(5)}; overlap@${count} ${int8.toFixed(3)}; ` +
    `${speed.ratio.toFixed(2)} times the speed of float32`
  );
}

/** A whole report as rows of a key and a text. */
export function quantizationRows(report: QuantizationReport): readonly (readonly [key: string, text: string])[] {
  const { quantization, texts, cosine, neighbours, bytes, speed, processor, digests } = report;
  const rate = (perSecond: number): string => formatCount(perSecond);
  return [
    ['recipe', recipeOf(quantization)],
    ['measured on', `${texts} texts, against float32`],
    ['cosine', `mean ${cosine.mean.toFixed(5)}, P1 ${cosine.p1.toFixed(5)}, least ${cosine.min.toFixed(5)}`],
    [
      `overlap@${neighbours.count}`,
      `${neighbours.int8.toFixed(3)} among int8 vectors, ${neighbours.queries.toFixed(3)} of int8 queries in float32`,
    ],
    [
      'size',
      `${formatBytes(bytes.int8)} of weights and graph; float32: ${formatBytes(bytes.float32)} ` +
        `(${(bytes.int8 / bytes.float32).toFixed(2)})`,
    ],
    [
      'speed',
      `${speed.ratio.toFixed(2)} times float32: ${rate(speed.int8TextsPerSecond)} against ` +
        `${rate(speed.float32TextsPerSecond)} texts/s on ${speed.threads} ${speed.threads === 1 ? 'thread' : 'threads'}`,
    ],
    ['processor', `${processor.name}; ${PRODUCTS[processor.products]}`],
    ['weights', digests.weights],
    ['graph', digests.graph],
  ];
}

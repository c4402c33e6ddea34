import type { WeightBits } from '../../convert/quantize/round-rows.js';
import type { Calibration, CalibrationFile } from './calibration-file.js';
import { ownProcessorProducts, type ProcessorProducts, safeWeightBits } from './processor-products.js';

/** Everything that decides the int8 weights of a checkpoint. */
export interface Quantization {
  /**
   * 'calibrated': the residual stream shifted and smoothed, outlying channels apart, weights rounded for what the layers
   * meet on the calibration texts. 'rounding': weights to nearest, activations by row, no calibration.
   */
  readonly recipe: 'calibrated' | 'rounding';
  /** Raised whenever the recipe gives other weights for the same checkpoint. */
  readonly recipeVersion: number;
  /** SHA-256 over the file of calibration texts; null without calibration. */
  readonly calibration: string | null;
  /** 7 where the processor adds products of weights in 16 bits, which 8 bits could saturate. */
  readonly weightBits: WeightBits;
}

/** What was made, as it is stored with it. */
export interface QuantizationRecord extends Quantization {
  /** Length of the file of weights. */
  readonly weightsBytes: number;
  /** SHA-256 over the file of weights, hexadecimal. */
  readonly weightsDigest: string;
}

/** The quantisation that loading takes, what it is made from, and why its weights have so many bits. */
export interface ChosenQuantization {
  readonly quantization: Quantization;
  /** File of the calibration texts; undefined without calibration. */
  readonly calibrationFile: string | undefined;
  /** What is known of this machine's processor; undefined where the caller gave the bits. */
  readonly products: ProcessorProducts | undefined;
}

/** What a caller may choose. */
export interface QuantizationChoice {
  readonly weightBits?: WeightBits | undefined;
  readonly calibration?: Calibration | undefined;
}

const CALIBRATED_VERSION = 3;
const ROUNDING_VERSION = 2;

/**
 * Chooses how to quantise: calibrated on the texts of the package, with as many bits as are safe on this processor,
 * unless the caller says otherwise. Throws as `findCalibrationFile`.
 */
export async function chooseQuantization(
  { weightBits, calibration = 'built-in' }: QuantizationChoice,
  signal?: AbortSignal,
): Promise<ChosenQuantization> {
  const products = weightBits === undefined ? await ownProcessorProducts() : undefined;
  const bits = weightBits ?? safeWeightBits(products ?? 'unknown');
  const found = calibration === 'none' ? undefined : await findFile(calibration, signal);
  return {
    quantization: {
      ...(found === undefined
        ? { recipe: 'rounding', recipeVersion: ROUNDING_VERSION }
        : { recipe: 'calibrated', recipeVersion: CALIBRATED_VERSION }),
      calibration: found?.digest ?? null,
      weightBits: bits,
    },
    calibrationFile: found?.file,
    products,
  };
}

/** What tells prepared models of one checkpoint apart. */
export function quantizationKey({ recipe, recipeVersion, calibration, weightBits }: Quantization): string {
  return `int8 ${recipe} ${recipeVersion} ${calibration ?? 'uncalibrated'} ${weightBits}`;
}

async function findFile(
  calibration: Exclude<Calibration, 'none'>,
  signal: AbortSignal | undefined,
): Promise<CalibrationFile> {
  const { findCalibrationFile } = await import('./calibration-file.js');
  return findCalibrationFile(calibration, signal);
}

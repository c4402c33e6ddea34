import type { WeightBits } from '../../convert/quantize/round-rows.js';
import { ownProcessorProducts, type ProcessorProducts, safeWeightBits } from './processor-products.js';

/** Everything that decides the int8 weights of a checkpoint. */
export interface Quantization {
  /** 'rounding': weights to nearest, activations by row, no calibration. */
  readonly recipe: 'rounding';
  /** Raised whenever the recipe gives other weights for the same checkpoint. */
  readonly recipeVersion: number;
  /** SHA-256 over the texts of the calibration; null without calibration. */
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

/** The quantisation that loading takes, and why its weights have so many bits. */
export interface ChosenQuantization {
  readonly quantization: Quantization;
  /** What is known of this machine's processor; undefined where the caller gave the bits. */
  readonly products: ProcessorProducts | undefined;
}

const RECIPE_VERSION = 1;

/** Chooses how to quantise: as many bits as are safe on this processor, unless the caller says how many. */
export async function chooseQuantization(weightBits?: WeightBits): Promise<ChosenQuantization> {
  const products = weightBits === undefined ? await ownProcessorProducts() : undefined;
  const bits = weightBits ?? safeWeightBits(products ?? 'unknown');
  return {
    quantization: { recipe: 'rounding', recipeVersion: RECIPE_VERSION, calibration: null, weightBits: bits },
    products,
  };
}

/** What tells prepared models of one checkpoint apart. */
export function quantizationKey({ recipe, recipeVersion, calibration, weightBits }: Quantization): string {
  return `int8 ${recipe} ${recipeVersion} ${calibration ?? 'uncalibrated'} ${weightBits}`;
}

/** How float32 activations become uint8: what the graph writes and calibration emulates, which must agree. */

/** Zero point of a symmetric scale. */
export const SYMMETRIC_ZERO_POINT = 128;
/** Steps on either side of it. */
export const SYMMETRIC_STEPS = 127;
/** GELU gives next to nothing below zero: most of the range is left for the positive half. */
export const GELU_ZERO_POINT = 16;
/** Steps above it. */
export const GELU_STEPS: number = 255 - GELU_ZERO_POINT;
/** GELU, exact or with tanh, is never below minus this; a scale that holds it loses no value of the negative half. */
export const GELU_DEPTH = 0.17;

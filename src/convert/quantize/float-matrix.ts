/** A published weight: [outputs, inputs], row-major. */
export interface FloatMatrix {
  readonly name: string;
  readonly values: Float32Array;
  readonly outputs: number;
  readonly inputs: number;
}

/** W x in float64. */
export function multiply({ values, outputs, inputs }: FloatMatrix, vector: ArrayLike<number>): Float64Array {
  const product = new Float64Array(outputs);
  for (let output = 0; output < outputs; output++) {
    let sum = 0;
    for (let input = 0; input < inputs; input++) sum += (values[output * inputs + input] ?? 0) * (vector[input] ?? 0);
    product[output] = sum;
  }
  return product;
}

/** Largest magnitude of each input's weights. */
export function inputPeaks({ values, inputs }: FloatMatrix): Float64Array {
  const peaks = new Float64Array(inputs);
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i] ?? 0);
    if (magnitude > (peaks[i % inputs] ?? 0)) peaks[i % inputs] = magnitude;
  }
  return peaks;
}

/** Some outputs of a matrix, in the given order. */
export function selectOutputs(matrix: FloatMatrix, name: string, outputs: Uint32Array): FloatMatrix {
  const { values, inputs } = matrix;
  const selected = new Float32Array(outputs.length * inputs);
  outputs.forEach((output, i) => {
    selected.set(values.subarray(output * inputs, (output + 1) * inputs), i * inputs);
  });
  return { name, values: selected, outputs: outputs.length, inputs };
}

/** Some inputs of a matrix, in the given order. */
export function selectInputs(matrix: FloatMatrix, name: string, inputs: Uint32Array): FloatMatrix {
  const selected = new Float32Array(matrix.outputs * inputs.length);
  for (let output = 0; output < matrix.outputs; output++) {
    for (let i = 0; i < inputs.length; i++) {
      selected[output * inputs.length + i] = matrix.values[output * matrix.inputs + (inputs[i] ?? 0)] ?? 0;
    }
  }
  return { name, values: selected, outputs: matrix.outputs, inputs: inputs.length };
}

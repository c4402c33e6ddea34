import type * as OnnxRuntime from 'onnxruntime-node';

import { GraphBuilder } from '#src/convert/graph/graph-builder.js';
import { PRODUCER } from '#src/convert/producer.js';
import { encodeOnnxModel } from '#src/formats/onnx/index.js';

const REPEATS = 40;

/**
 * What the engine's own matrix product reaches on one thread of this machine: float32 GFLOP/s of
 * [rows, inner] x [inner, columns] with a constant right side, the best of many runs.
 */
export async function gemmRate(
  engine: typeof OnnxRuntime,
  rows: number,
  inner: number,
  columns: number,
): Promise<number> {
  const graph = new GraphBuilder();
  const input = graph.input('input', 'float32', [rows, inner]);
  const weight = graph.floats('weight', [columns, inner], pattern(columns * inner));
  graph.op('product', 'Gemm', [input, weight], { attributes: { transB: 1 }, output: 'output' });
  graph.output('output', 'float32', [rows, columns]);
  const model = encodeOnnxModel({
    irVersion: 10,
    opsets: [{ domain: '', version: 21 }],
    ...PRODUCER,
    graphName: 'gemm',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: graph.inputs,
    outputs: graph.outputs,
    metadata: {},
  });
  const session = await engine.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = { input: new engine.Tensor('float32', pattern(rows * inner), [rows, inner]) };
  let best = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const started = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - started);
  }
  await session.release();
  return (2 * rows * inner * columns) / best / 1e6;
}

/** Small numbers of both signs: the kernels' speed must not depend on denormals or overflow. */
function pattern(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => ((i * 37) % 101) / 101 - 0.5);
}

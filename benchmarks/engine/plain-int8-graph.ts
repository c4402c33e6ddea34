import path from 'node:path';

import { openCheckpoint } from '#src/convert/checkpoint.js';
import { DataFilePlan } from '#src/convert/data-file-plan.js';
import { buildNativeGraph } from '#src/convert/native-graph.js';
import type { QuantizedEncoder, QuantizedInput } from '#src/convert/quantize/quantized-encoder.js';
import { quantizeUncalibrated } from '#src/convert/quantize/quantize-uncalibrated.js';
import type { WeightBits } from '#src/convert/quantize/round-rows.js';
import { encodeOnnxModel } from '#src/formats/onnx/index.js';
import type { OnnxModel, OnnxNode } from '#src/formats/onnx/onnx-model.js';
import type { ModelFiles } from '#src/models/model-files.js';
import type { ModelRecord } from '#src/models/model-record.js';

const DATA_FILE = 'weights.plain';

/**
 * The plain dynamic int8 graph that other tools make: every input of linear layers gets one scale for all its tokens
 * when it runs (`DynamicQuantizeLinear`), every weight one a column. Everything else is as in the product's graphs.
 * Writes the weights into `folder` and gives the graph.
 */
export async function plainInt8Graph(
  files: ModelFiles,
  record: ModelRecord,
  weightBits: WeightBits,
  folder: string,
): Promise<Uint8Array> {
  const checkpoint = await openCheckpoint(files, record);
  try {
    const rounded = await quantizeUncalibrated(checkpoint.encoder, { weightBits });
    const plan = new DataFilePlan(DATA_FILE);
    const source = { dtype: 'int8', encoder: oneScaleAnInput(rounded) } as const;
    const model = buildNativeGraph(source, checkpoint.modules, record.maxSequenceLength, {
      floats: (matrix) => plan.place(matrix, false),
      bytes: (name, values) => plan.placeBytes(name, values),
    });
    await plan.write(path.join(folder, DATA_FILE));
    return encodeOnnxModel(scaledWhenRun(model));
  } finally {
    await checkpoint.close();
  }
}

/** With a static scale in the place of each one that is found when the graph runs. */
function oneScaleAnInput(encoder: QuantizedEncoder): QuantizedEncoder {
  const input: QuantizedInput = { multiplier: undefined, scale: { kind: 'static', scale: 1, zeroPoint: 128 } };
  return {
    ...encoder,
    layers: encoder.layers.map((layer) => ({
      ...layer,
      attentionInput: input,
      contextInput: input,
      feedForwardInput: input,
      feedForward: layer.feedForward.map((part) => ({ ...part, activated: input })),
    })),
  };
}

/** Finds scale and zero point when the graph runs, and gives them to the products of the input. */
function scaledWhenRun(model: OnnxModel): OnnxModel {
  const found = new Map<string, { readonly scale: string; readonly zeroPoint: string }>();
  const nodes = model.nodes.map((node): OnnxNode => {
    const [first = '', second = '', , ...others] = node.inputs;
    if (node.opType === 'QuantizeLinear') {
      const [values = ''] = node.outputs;
      const outputs = { scale: `${values}.scale`, zeroPoint: `${values}.zero_point` };
      found.set(values, outputs);
      return {
        ...node,
        opType: 'DynamicQuantizeLinear',
        inputs: [first],
        outputs: [values, outputs.scale, outputs.zeroPoint],
        attributes: {},
      };
    }
    const input = found.get(first);
    if (node.opType !== 'MatMulIntegerToFloat' || input === undefined) return node;
    const [weightScales = '', , ...rest] = others;
    return { ...node, inputs: [first, second, input.scale, weightScales, input.zeroPoint, ...rest] };
  });
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  return { ...model, nodes, initializers: model.initializers.filter(({ name }) => used.has(name)) };
}

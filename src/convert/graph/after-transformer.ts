import type { PoolingModule } from '../../models/model-record.js';
import type { LinearParameters } from '../encoder-parameters.js';
import type { ModuleParameters } from '../module-parameters.js';
import { activate, l2Normalize, layerNorm } from './blocks.js';
import type { GraphBuilder } from './graph-builder.js';

/** epsilon of torch.nn.LayerNorm, which sentence-transformers' LayerNorm module uses unchanged. */
const MODULE_NORM_EPSILON = 1e-5;

/** What the two graphs do differently after the transformer. */
export interface PipelineBlocks {
  linear(input: string, parameters: LinearParameters): string;
  /** The last hidden state, pooled to [batch, modes x hidden]. */
  pool(pooling: PoolingModule): string;
}

/** The steps after the transformer, in order; gives the text vectors [batch, {@link vectorWidth}]. */
export function afterTransformer(
  graph: GraphBuilder,
  modules: readonly ModuleParameters[],
  opset: number,
  blocks: PipelineBlocks,
): string {
  let vector = '';
  for (const module of modules) vector = step(graph, module, vector, opset, blocks);
  return vector;
}

/** Length of a text vector after all steps. */
export function vectorWidth(hiddenSize: number, modules: readonly ModuleParameters[]): number {
  return modules.reduce((width, module) => {
    if (module.kind === 'pooling') return hiddenSize * module.modes.length;
    return module.kind === 'dense' ? module.outFeatures : width;
  }, hiddenSize);
}

function step(
  graph: GraphBuilder,
  module: ModuleParameters,
  vector: string,
  opset: number,
  blocks: PipelineBlocks,
): string {
  switch (module.kind) {
    case 'pooling':
      return blocks.pool(module);
    case 'dense':
      return graph.scope(module.name, () => {
        const activated = activate(graph, blocks.linear(vector, module.linear), module.activation, opset);
        return module.residual ? graph.op('residual', 'Add', [activated, vector]) : activated;
      });
    case 'layernorm':
      return graph.scope(module.name, () => layerNorm(graph, module.name, vector, module.norm, MODULE_NORM_EPSILON));
    case 'normalize':
      return l2Normalize(graph, vector);
  }
}

import type { PoolingMode } from '../../models/model-record.js';
import type { GraphBuilder } from './graph-builder.js';

/** Smallest divisor of a mean, as in sentence-transformers' Pooling. */
const SMALLEST_COUNT = 1e-9;
/** What masked tokens become under max pooling, as in sentence-transformers' Pooling. */
const MASKED_MAXIMUM = -1e9;

/**
 * Pools [batch, sequence, hidden] under a float mask [batch, sequence] to [batch, modes x hidden]. Padding may be on
 * either side: the first and last attended tokens are looked for, not assumed.
 */
export function maskedPooling(
  graph: GraphBuilder,
  hidden: string,
  mask: string,
  modes: readonly PoolingMode[],
): string {
  const column = graph.op('mask.column', 'Unsqueeze', [mask, graph.integers([-1])]);
  const parts = modes.map((mode) => graph.scope(mode, () => pooled(graph, hidden, mask, column, mode)));
  return parts.length === 1 && parts[0] !== undefined
    ? parts[0]
    : graph.op('concat', 'Concat', parts, { attributes: { axis: -1 } });
}

function pooled(graph: GraphBuilder, hidden: string, mask: string, column: string, mode: PoolingMode): string {
  switch (mode) {
    case 'mean':
      return graph.op('mean', 'Div', [weightedSum(graph, hidden, column), floored(graph, total(graph, mask))]);
    case 'mean_sqrt_len_tokens': {
      const root = graph.op('root', 'Sqrt', [floored(graph, total(graph, mask))]);
      return graph.op('mean', 'Div', [weightedSum(graph, hidden, column), root]);
    }
    case 'weightedmean': {
      const weights = graph.op('weights', 'Mul', [mask, oneBasedPositions(graph, mask)]);
      const weightColumn = graph.op('weights.column', 'Unsqueeze', [weights, graph.integers([-1])]);
      const sum = weightedSum(graph, hidden, weightColumn);
      return graph.op('mean', 'Div', [sum, floored(graph, total(graph, weights))]);
    }
    case 'max': {
      const attended = graph.op('attended', 'Greater', [column, graph.scalar(0)]);
      const masked = graph.op('masked', 'Where', [attended, hidden, graph.scalar(MASKED_MAXIMUM)]);
      return graph.op('max', 'ReduceMax', [masked, graph.integers([1])], { attributes: { keepdims: 0 } });
    }
    case 'cls':
      // ArgMax gives the first of equal maxima: the first attended token.
      return rowAt(graph, hidden, graph.op('first', 'ArgMax', [mask], { attributes: { axis: 1, keepdims: 1 } }));
    case 'lasttoken': {
      const ranked = graph.op('ranked', 'Mul', [mask, oneBasedPositions(graph, mask)]);
      return rowAt(graph, hidden, graph.op('last', 'ArgMax', [ranked], { attributes: { axis: 1, keepdims: 1 } }));
    }
  }
}

/** Sum over the sequence of hidden x weights, for weights [batch, sequence, 1]. */
function weightedSum(graph: GraphBuilder, hidden: string, weights: string): string {
  const weighted = graph.op('weighted', 'Mul', [hidden, weights]);
  return graph.op('sum', 'ReduceSum', [weighted, graph.integers([1])], { attributes: { keepdims: 0 } });
}

function total(graph: GraphBuilder, weights: string): string {
  return graph.op('count', 'ReduceSum', [weights, graph.integers([1])], { attributes: { keepdims: 1 } });
}

function floored(graph: GraphBuilder, count: string): string {
  return graph.op('count.floored', 'Max', [count, graph.scalar(SMALLEST_COUNT)]);
}

/** float32 [sequence]: 1, 2, 3, ... */
function oneBasedPositions(graph: GraphBuilder, mask: string): string {
  const length = graph.op('length', 'Shape', [mask], { attributes: { start: 1, end: 2 } });
  const ones = graph.op('ones', 'Expand', [graph.scalar(1), length]);
  return graph.op('positions', 'CumSum', [ones, graph.integers([0], true)]);
}

/** The row of [batch, sequence, hidden] at an index [batch, 1]. */
function rowAt(graph: GraphBuilder, hidden: string, index: string): string {
  return graph.op('row', 'GatherND', [hidden, index], { attributes: { batch_dims: 1 } });
}

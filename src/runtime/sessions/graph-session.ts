import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-node';
import { IsovecError } from '../../shared/isovec-error.js';
import { loadEngine } from './load-engine.js';

/** The outputs of a graph by name. */
export type GraphResults = InferenceSession.ReturnType;

/** A tensor that goes into a graph. */
export interface GraphFeed {
  readonly data: Float32Array | BigInt64Array;
  readonly dims: readonly number[];
}

/**
 * A session on a graph that is in memory, with its weights, for work that is no part of serving. `run` blocks the
 * thread that calls it, and uses that thread alone, so that the same input gives the same bits anywhere.
 */
export class GraphSession {
  readonly #session: InferenceSession;
  readonly #Tensor: TensorConstructor;

  private constructor(session: InferenceSession, tensor: TensorConstructor) {
    this.#session = session;
    this.#Tensor = tensor;
  }

  /** Loads a serialised graph. PACKAGE_MISSING; the engine's own error for a graph that it cannot run. */
  static async load(graph: Uint8Array): Promise<GraphSession> {
    const engine = loadEngine();
    const session = await engine.InferenceSession.create(graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      enableMemPattern: false,
      graphOptimizationLevel: 'basic',
      logSeverityLevel: 3,
    });
    return new GraphSession(session, engine.Tensor);
  }

  /** Runs the graph. */
  async run(feeds: Readonly<Record<string, GraphFeed>>): Promise<GraphResults> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, { data, dims }] of Object.entries(feeds)) {
      tensors[name] =
        data instanceof Float32Array ? new this.#Tensor('float32', data, dims) : new this.#Tensor('int64', data, dims);
    }
    return await this.#session.run(tensors);
  }

  /** Frees the session; it cannot be used afterwards. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** A float32 result of {@link GraphSession.run}; INTERNAL if there is none. */
export function floatsOf(results: GraphResults, name: string): Float32Array {
  const data = tensorData(results, name);
  if (data instanceof Float32Array) return data;
  throw new IsovecError('INTERNAL', `The graph gave no float32 output ${name}.`);
}

/** A float64 result of {@link GraphSession.run}; INTERNAL if there is none. */
export function doublesOf(results: GraphResults, name: string): Float64Array {
  const data = tensorData(results, name);
  if (data instanceof Float64Array) return data;
  throw new IsovecError('INTERNAL', `The graph gave no float64 output ${name}.`);
}

function tensorData(results: GraphResults, name: string): unknown {
  const value = results[name];
  return value !== undefined && 'data' in value ? value.data : undefined;
}

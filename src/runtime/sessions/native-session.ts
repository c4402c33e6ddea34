import { readFile } from 'node:fs/promises';
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-node';
import { NATIVE_VALUES, type NativeBundle } from '../../models/native-bundle.js';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import { poolingWeights } from '../../vector/pooling-weights.js';
import { CPU_PROVIDER, deviceOf, engineProviders } from './execution-provider.js';
import { loadEngine } from './load-engine.js';
import type { SessionBatch, SessionPlan } from './messages.js';

const CPU_DEVICE = deviceOf([CPU_PROVIDER]);

/**
 * One ONNX Runtime session on a native graph. `run` blocks the thread that calls it for the whole inference: sessions
 * live on worker threads.
 */
export class NativeSession {
  readonly #session: InferenceSession;
  readonly #Tensor: TensorConstructor;
  readonly #bundle: NativeBundle;
  readonly #device: string;

  private constructor(session: InferenceSession, tensor: TensorConstructor, bundle: NativeBundle, device: string) {
    this.#session = session;
    this.#Tensor = tensor;
    this.#bundle = bundle;
    this.#device = device;
  }

  /**
   * Loads a graph whose batches run on so many threads; its weights are mapped from the data folder. PACKAGE_MISSING,
   * FORMAT_INVALID; PROVIDER_UNAVAILABLE for a device that is not there, with those that are.
   */
  static async load(plan: Omit<SessionPlan, 'warmUpLengths'>): Promise<NativeSession> {
    const { bundle, threads, executionProviders = [CPU_PROVIDER] } = plan;
    const engine = loadEngine();
    const device = deviceOf(executionProviders);
    const available = engine.listSupportedBackends().map(({ name }) => name);
    const providers = engineProviders(executionProviders, available);
    try {
      const graph = await readFile(bundle.graphPath);
      const session = await engine.InferenceSession.create(graph, {
        executionProviders: providers,
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        // A pattern is kept for every shape that was ever run, and shapes are many; it makes nothing faster here.
        enableMemPattern: false,
        // Higher levels insert SkipLayerNormalization, which is six times slower than the two operators it replaces.
        graphOptimizationLevel: 'basic',
        logSeverityLevel: 3,
        extra: {
          session: {
            model_external_initializers_file_folder_path: bundle.dataFolder,
            // Threads that share a batch wait for each other between operators by spinning, which sleeping and waking
            // would make several times longer; after the batch they must leave the processor to other sessions.
            force_spinning_stop: '1',
          },
        },
      });
      return new NativeSession(session, engine.Tensor, bundle, device);
    } catch (cause) {
      if (device !== CPU_DEVICE) {
        throw new IsovecError(
          'PROVIDER_UNAVAILABLE',
          `The device ${device} cannot be used in this process: ${errorMessage(cause).trim()}. onnxruntime-node has ${available.join(', ')}; isovec doctor tells which of them work here.`,
          { cause, data: { device, available } },
        );
      }
      throw new IsovecError(
        'FORMAT_INVALID',
        `ONNX Runtime cannot load ${bundle.graphPath}: ${errorMessage(cause)}. Delete the file; it is written again at the next load.`,
        { cause, data: { file: bundle.graphPath } },
      );
    }
  }

  /**
   * Runs a batch: float32 [batch, dimensions] embeddings, or [batch x length, hidden size] hidden states.
   * FORMAT_INVALID if a value is not finite, and PROVIDER_REJECTED if that was computed by another device than the processor.
   */
  async run(work: SessionBatch): Promise<Float32Array> {
    const output = this.#outputName(work);
    const results = await this.#session.run(this.#feeds(work), [output]);
    const data = results[output]?.data;
    if (!(data instanceof Float32Array)) {
      throw new IsovecError('INTERNAL', `The graph gave no float32 output ${output}.`);
    }
    if (!data.every(Number.isFinite)) {
      if (this.#device !== CPU_DEVICE) {
        throw new IsovecError(
          'PROVIDER_REJECTED',
          `The device ${this.#device} gives a vector that is not finite. Take the processor: leave the device out, or give cpu.`,
          { data: { device: this.#device } },
        );
      }
      throw new IsovecError(
        'FORMAT_INVALID',
        'The model gives a vector that is not finite: its weights are finite, but too large for float32 arithmetic. The checkpoint is damaged: fetch it again, or report it to its publisher.',
      );
    }
    return data;
  }

  /** Frees the session; it cannot be used afterwards. */
  async close(): Promise<void> {
    await this.#session.release();
  }

  /** A model that does not normalise gives its embeddings where they are asked for before normalisation. */
  #outputName({ output }: SessionBatch): string {
    if (output === 'hidden') return NATIVE_VALUES.hidden;
    return output === 'unnormalized' && this.#bundle.normalizes ? NATIVE_VALUES.unnormalized : NATIVE_VALUES.embeddings;
  }

  #feeds({ ids, batch, length, promptLength }: SessionBatch): Record<string, Tensor> {
    const { hiddenSize, poolingModes, includePrompt } = this.#bundle;
    const masked = includePrompt ? 0 : promptLength;
    const shape = BigInt64Array.of(BigInt(batch), BigInt(length), BigInt(hiddenSize));
    const feeds: Record<string, Tensor> = {
      [NATIVE_VALUES.ids]: new this.#Tensor('int32', ids, [ids.length]),
      [NATIVE_VALUES.positions]: new this.#Tensor('int32', repeatedPositions(batch, length), [ids.length]),
      [NATIVE_VALUES.shape]: new this.#Tensor('int64', shape, [3]),
    };
    const linear = poolingModes.filter((mode) => mode !== 'max');
    if (linear.length > 0) {
      const weights = new Float32Array(linear.length * length);
      linear.forEach((mode, row) => {
        weights.set(poolingWeights(mode, length, masked), row * length);
      });
      feeds[NATIVE_VALUES.poolingWeights] = new this.#Tensor('float32', weights, [1, linear.length, length]);
    }
    if (!includePrompt && linear.length < poolingModes.length) {
      feeds[NATIVE_VALUES.poolingStart] = new this.#Tensor('int64', BigInt64Array.of(BigInt(masked)), [1]);
    }
    return feeds;
  }
}

/** 0, 1, ..., length - 1, once per text. */
function repeatedPositions(batch: number, length: number): Int32Array {
  const positions = new Int32Array(batch * length);
  for (let i = 0; i < positions.length; i++) positions[i] = i % length;
  return positions;
}

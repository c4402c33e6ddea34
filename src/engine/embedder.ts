import type { ConversionReport } from '../convert/convert-to-native.js';
import type { EmbeddingSpace, WeightDtype } from '../models/embedding-space.js';
import type { ModelUse } from '../models/cache/model-use.js';
import type { ModelOrigin } from '../models/model-files.js';
import type { ModelRecord, PoolingMode, SimilarityName } from '../models/model-record.js';
import {
  type Provider,
  PROVIDER_SPEC_VERSION,
  type ProviderCapabilities,
  type ProviderHealth,
  type ProviderInfo,
} from '../providers/provider.js';
import { checkTexts } from '../runtime/check-texts.js';
import { deadlineTime } from '../runtime/deadline.js';
import type { BatchListener, Dispatcher } from '../runtime/dispatcher.js';
import type { SessionLanes } from '../runtime/session-lanes.js';
import type { SessionOutput } from '../runtime/sessions/messages.js';
import type { Tokenizer } from '../runtime/tokenizer.js';
import { IsovecError } from '../shared/isovec-error.js';
import {
  EmbeddingBatch,
  normalizeRows,
  pairwiseSimilarity,
  type Precision,
  type PrecisionArrays,
  quantizeEmbeddings,
  type SimilarityMatrix,
  similarityMatrix,
  type VectorSet,
} from '../vector/index.js';
import {
  type CallOptions,
  checkCallOptions,
  checkEncodeOptions,
  type EncodeOptions,
  type EncodeTask,
  PRIORITIES,
  resolvePrompt,
} from './encode-options.js';
import { leavesPromptOut, ModelTokens } from './model-tokens.js';
import { notifyProgress } from './notify-progress.js';
import type { QuantizationRecord } from './quantize/quantization.js';
import type { QuantizationReport } from './quantize/quantization-report.js';
import { streamEmbeddings } from './stream-embeddings.js';

/** The hidden states of one text: one row per token, special tokens included, before pooling. */
export interface TokenEmbeddings {
  /** float32 [tokens x dimensions], row-major. */
  readonly data: Float32Array;
  readonly tokens: number;
  /** Hidden size of the transformer. */
  readonly dimensions: number;
  readonly truncated: boolean;
}

/** What a loaded model is. */
export interface ModelInfo extends ProviderInfo {
  readonly revision: string | undefined;
  readonly origin: ModelOrigin;
  /** Length of the vectors that `encode` gives by default. */
  readonly dimensions: number;
  /** Length of the model's whole vectors; more than `dimensions` where the model saves a cut. */
  readonly maxDimensions: number;
  /** Longest text in tokens, special tokens included; what is longer is cut, and reported as truncated. */
  readonly maxSequenceLength: number;
  /** How tokens become a vector; several are put one after another. Empty for a model that does not pool. */
  readonly pooling: readonly PoolingMode[];
  /** Whether the last step normalises vectors. */
  readonly normalizes: boolean;
  readonly similarity: SimilarityName;
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPromptName: string | undefined;
  /** Element type of the weights of linear layers. */
  readonly dtype: WeightDtype;
  /** Worker threads, each with one session. */
  readonly threads: number;
  /** Threads that share the work of a lone text. */
  readonly loneTextThreads: number;
  /** Execution providers of ONNX Runtime that compute, the first one that can; 'PyTorchExecutionProvider' of PyTorch. */
  readonly executionProviders: readonly string[];
  /** What the conversion of the checkpoint did when its graph was written; undefined where another than this process computes. */
  readonly conversion: ConversionReport | undefined;
  /** How the weights were made int8; undefined in float32. */
  readonly quantization: QuantizationRecord | undefined;
  /** What `isovec quantize` measured of the int8 weights and stored; undefined where it did not. */
  readonly quantizationReport: QuantizationReport | undefined;
  /** Milliseconds of the steps of loading; warm-up is not part of service. */
  readonly timings: LoadTimings;
}

/**
 * Milliseconds of the steps of loading a model, by the wall clock of the caller's thread. `obtain` and `prepare` follow
 * each other; then `tokenizer` and `sessions` begin together and run side by side, so that the steps do not add up to
 * `total`.
 */
export interface LoadTimings {
  /** Finding the files, or fetching them. Meanwhile the engine is loaded on its own thread. */
  readonly obtain: number;
  /** Finding or writing the graph. */
  readonly prepare: number;
  /**
   * Starting the engine's thread and loading ONNX Runtime on it, which begins with the load or before; 0 if another
   * model of this process has that thread.
   */
  readonly engine: number;
  /** Building the tokenizer. */
  readonly tokenizer: number;
  /** Until the first worker was ready, with what was left of loading the engine and with the warm-up. */
  readonly sessions: number;
  /** Creating the first worker's session on its thread, a part of `sessions`. */
  readonly session: number;
  /** Warm-up: of the first worker, a part of `sessions`, and then of a request's whole way; 0 without warm-up. */
  readonly warmUp: number;
  /** The whole of loading. */
  readonly total: number;
}

/** Whether a model can serve, with its counters. */
export interface ModelHealth extends ProviderHealth {
  readonly workers: number;
  /** Workers that can serve; fewer than `workers` shortly after the load, and while a lost one is being replaced. */
  readonly readyWorkers: number;
  readonly busyWorkers: number;
  /** Workers that died and were replaced. */
  readonly replacedWorkers: number;
  /** Whether the session that shares a lone text among several threads is there; it is made when it is worth it. */
  readonly loneTextSession: boolean;
  /** Texts, and their tokens, of calls that are not over. */
  readonly pendingTexts: number;
  readonly pendingTokens: number;
  /** Of these, texts that are tokenised and in no batch yet, and how long the oldest has waited (0 while none does). */
  readonly waitingTexts: number;
  readonly oldestWaitMilliseconds: number;
  readonly completedTexts: number;
  readonly completedTokens: number;
}

/** The parts that `loadModel` puts together. */
export interface EmbedderParts {
  readonly info: ModelInfo;
  readonly record: ModelRecord;
  readonly hiddenSize: number;
  readonly tokenizer: Tokenizer;
  readonly dispatcher: Dispatcher;
  readonly lanes: SessionLanes;
  /** That the cache knows of this model's use. */
  readonly use: ModelUse;
  /** Texts that a stream embeds at a time. */
  readonly streamChunk: number;
}

/**
 * A loaded model. Calls may overlap; inference runs on worker threads. Made by `loadModel`; holds threads until it is
 * closed.
 *
 * Every call throws INPUT_INVALID (not a string, a lone surrogate; with the index), CONFIG_INVALID (an option),
 * ABORTED, DEADLINE_EXCEEDED, OVERLOADED, WORKER_LOST or CLOSED, as a whole: there are no partial results.
 */
export class Embedder implements Provider {
  readonly specVersion: typeof PROVIDER_SPEC_VERSION = PROVIDER_SPEC_VERSION;
  readonly capabilities: ProviderCapabilities = { tokenCounts: true, local: true };
  readonly #parts: EmbedderParts;
  #closing: Promise<void> | undefined;

  constructor(parts: EmbedderParts) {
    this.#parts = parts;
  }

  /** The model by its tokens: counted, cut and embedded by them, or made of token ids. */
  get tokens(): ModelTokens {
    const { record, tokenizer, dispatcher } = this.#parts;
    return new ModelTokens(record, tokenizer, dispatcher);
  }

  /** Length of the vectors that `encode` gives by default. */
  get dimensions(): number {
    return this.#parts.info.dimensions;
  }

  /** The space of this model's vectors. */
  get space(): EmbeddingSpace {
    return this.#parts.info.space;
  }

  /** The vector of one text: [dimensions]. The same as `SentenceTransformer.encode(text)`. */
  async encode<P extends Precision = 'float32'>(
    text: string,
    options: EncodeOptions<P> = {},
  ): Promise<PrecisionArrays[P]> {
    const batch = await this.#encode('encode', [text], options, 'plain');
    return batch.row(0);
  }

  /** The vectors of many texts, in their order. An empty list gives an empty batch. */
  encodeBatch<P extends Precision = 'float32'>(
    texts: readonly string[],
    options: EncodeOptions<P> = {},
  ): Promise<EmbeddingBatch<P>> {
    return this.#encode('encodeBatch', texts, options, 'plain');
  }

  /** The vector of a search query, with the model's prompt named "query" if it has one. */
  async encodeQuery<P extends Precision = 'float32'>(
    text: string,
    options: EncodeOptions<P> = {},
  ): Promise<PrecisionArrays[P]> {
    const batch = await this.#encode('encodeQuery', [text], options, 'query');
    return batch.row(0);
  }

  /** The vectors of documents, with the model's prompt named "document", "passage" or "corpus" if it has one. */
  encodeDocument<P extends Precision = 'float32'>(
    texts: readonly string[],
    options: EncodeOptions<P> = {},
  ): Promise<EmbeddingBatch<P>> {
    return this.#encode('encodeDocument', texts, options, 'document');
  }

  /**
   * The vectors of a stream of texts, batch after batch in its order, however long it is. Only a few hundred texts a
   * worker are in memory at a time: the source is read no faster than the caller takes results.
   */
  encodeStream<P extends Precision = 'float32'>(
    texts: AsyncIterable<string> | Iterable<string>,
    options: EncodeOptions<P> = {},
  ): AsyncGenerator<EmbeddingBatch<P>, void, undefined> {
    checkEncodeOptions('encodeStream', options);
    const { info, streamChunk } = this.#parts;
    const plan = { subject: info.id, ahead: info.threads, chunk: streamChunk };
    return streamEmbeddings(texts, options, plan, (chunk, chunkOptions) =>
      this.#encode('encodeStream', chunk, chunkOptions, 'plain'),
    );
  }

  /** The hidden states of each text's tokens, before pooling. */
  async tokenEmbeddings(texts: readonly string[], options: CallOptions = {}): Promise<TokenEmbeddings[]> {
    checkCallOptions('tokenEmbeddings', options);
    const checked = checkTexts(texts);
    const results = new Array<TokenEmbeddings>(checked.length);
    const dimensions = this.#parts.hiddenSize;
    await this.#dispatch(checked, options, 'plain', 'hidden', (index, rows, { truncated }) => {
      results[index] = { data: rows.slice(), tokens: rows.length / dimensions, dimensions, truncated };
    });
    return results;
  }

  /** Scores of every row of `a` against every row of `b`, with the model's own similarity function. */
  similarity(a: VectorSet, b: VectorSet): SimilarityMatrix {
    return similarityMatrix(a, b, this.#parts.record.similarity);
  }

  /** Scores of row i of `a` against row i of `b`, with the model's own similarity function. */
  pairwiseSimilarity(a: VectorSet, b: VectorSet): Float32Array {
    return pairwiseSimilarity(a, b, this.#parts.record.similarity);
  }

  /**
   * Resolves when all workers have joined and the session for lone texts is there, so that nothing starts beside the
   * requests that follow. Loading resolves with the first worker; a server waits for this before it says that it is ready.
   * CLOSED.
   */
  async warmUp(): Promise<void> {
    if (this.#closing === undefined) await Promise.all([this.#parts.lanes.ready(), this.#parts.use.recorded()]);
    if (this.#closing !== undefined) throw new IsovecError('CLOSED', 'The model was closed.');
  }

  /** What this model is and how it was loaded. */
  info(): ModelInfo {
    return this.#parts.info;
  }

  /** Whether this model can serve now. */
  health(): ModelHealth {
    const workers = this.#parts.lanes.narrow.status();
    const degraded = workers.ready + workers.joining < workers.workers ? 'degraded' : 'ok';
    return {
      status: this.#closing === undefined ? degraded : 'closed',
      workers: workers.workers,
      readyWorkers: workers.ready,
      busyWorkers: workers.busy,
      replacedWorkers: this.#parts.lanes.replaced,
      loneTextSession: this.#parts.lanes.hasWide,
      ...this.#parts.dispatcher.status(),
    };
  }

  /**
   * Tells a listener of every batch that this model runs from now on, until the function that is returned is called; the
   * warm-up is not among them. For metrics: a listener must be quick and must not throw.
   */
  onBatch(listener: BatchListener): () => void {
    return this.#parts.dispatcher.onBatch(listener);
  }

  /** Rejects open calls with CLOSED, frees the sessions and ends the threads. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    this.#parts.dispatcher.close();
    await this.#parts.lanes.close();
    await this.#parts.use.close();
  }

  async #encode<P extends Precision>(
    call: string,
    texts: readonly string[],
    options: EncodeOptions<P>,
    task: EncodeTask,
  ): Promise<EmbeddingBatch<P>> {
    const { record } = this.#parts;
    checkEncodeOptions(call, options);
    const checked = checkTexts(texts);
    const count = checked.length;
    const dimensions = Math.min(options.dimensions ?? this.dimensions, record.dimensions);
    const data = new Float32Array(count * dimensions);
    const tokens = new Uint32Array(count);
    const truncated = new Uint8Array(count);
    await this.#dispatch(checked, options, task, 'embeddings', (index, row, text) => {
      if (row.length !== record.dimensions) {
        throw new IsovecError('INTERNAL', `The graph gave ${row.length} dimensions instead of ${record.dimensions}.`);
      }
      data.set(row.subarray(0, dimensions), index * dimensions);
      tokens[index] = text.tokenCount;
      truncated[index] = text.truncated ? 1 : 0;
    });
    if (options.normalize === true) normalizeRows(data, dimensions);
    const batch = new EmbeddingBatch({ precision: 'float32', data, count, dimensions, tokens, truncated });
    return quantizeEmbeddings(batch, options.precision ?? ('float32' as P), options.ranges);
  }

  async #dispatch(
    texts: readonly string[],
    options: CallOptions,
    task: EncodeTask,
    output: SessionOutput,
    onRows: Parameters<Dispatcher['dispatch']>[0]['onRows'],
  ): Promise<void> {
    const { record, dispatcher, tokenizer, info } = this.#parts;
    const prompt = resolvePrompt(options, task, record);
    const { onProgress, deadline } = options;
    const done = (count: number): void => {
      notifyProgress(onProgress, { phase: 'embed', subject: info.id, done: count, total: texts.length, unit: 'texts' });
    };

    return dispatcher.dispatch({
      texts: prompt === '' ? texts : texts.map((text) => prompt + text),
      promptLength: prompt !== '' && leavesPromptOut(record) ? await tokenizer.promptLength(prompt) : 0,
      output,
      priority: PRIORITIES[options.priority ?? 'normal'],
      signal: options.signal,
      deadline: deadlineTime(deadline),
      onRows,
      onDone: onProgress === undefined ? undefined : done,
    });
  }
}

import type { JsonObject } from '../../formats/json/parse-json.js';
import type { ExecutionProvider } from '../../runtime/sessions/execution-provider.js';
import type { SessionBatch } from '../../runtime/sessions/messages.js';
import type {
  SessionThread,
  SessionThreadListener,
  SessionThreadSpawner,
} from '../../runtime/sessions/session-thread.js';
import { IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { type BridgeModel, readBridgeModel, readVectors } from './bridge-answers.js';
import { type BridgeCommand, BridgeProcess } from './bridge-process.js';
import { RestartDelay } from './restart-delay.js';

/** What the child is to load, and how. */
export interface BridgePlan extends Pick<BridgeCommand, 'python' | 'environment' | 'logger'> {
  /** Absolute path of the model's folder. */
  readonly folder: string;
  readonly backend: 'auto' | 'onnx' | 'torch' | 'echo';
  readonly device: string;
  /** Execution providers of ONNX Runtime with their options, in order of preference; empty leaves them to the device. */
  readonly executionProviders: readonly ExecutionProvider[];
  /** Threads of the computation; undefined leaves it to the child. */
  readonly threads: number | undefined;
  /** Limit and length of vectors that the model's files were found to say; undefined where only Python can read them. */
  readonly expected: { readonly maxSequenceLength: number; readonly dimensions: number } | undefined;
  /** Lengths in tokens that are run once before the session is ready. */
  readonly warmUpLengths: readonly number[];
  /** Time to start and to load the model, in milliseconds. */
  readonly startMilliseconds: number;
}

/** The child's name for the one model that it loads. */
const HANDLE = 'model';
/** How often a child is asked whether it is there, and how long it may take to say so. */
const PING_MILLISECONDS = 10_000;

/**
 * Sessions of a model in a Python child: what a pool starts instead of threads. The child answers batches of token ids, so
 * that tokenizer, queue, priorities, deadlines and supervision are those of the process. PROVIDER_UNAVAILABLE tells that a
 * child ended, PROVIDER_BAD_RESPONSE that it broke the contract and was killed; a pool runs the batch once more first.
 */
export class BridgeSessions {
  readonly #plan: BridgePlan;
  readonly #restarts = new RestartDelay();
  #model: BridgeModel | undefined;
  #current: BridgeSession | undefined;

  constructor(plan: BridgePlan) {
    this.#plan = plan;
  }

  /** What the child has loaded; undefined before the first one is ready. */
  get model(): BridgeModel | undefined {
    return this.#model;
  }

  /** Asks the child that serves now. PROVIDER_UNAVAILABLE while there is none. */
  readonly call = (method: string, params: JsonObject): Promise<JsonObject> => {
    return this.#current?.call(method, params) ?? Promise.reject(unavailable());
  };

  /** Starts a child. */
  readonly spawn: SessionThreadSpawner = (listener) => {
    const session = new BridgeSession(this.#plan, listener, (model) => {
      this.#model ??= model;
      this.#current = session;
    });
    session.start(this.#restarts.next(performance.now()));
    return session;
  };
}

class BridgeSession implements SessionThread {
  readonly #plan: BridgePlan;
  readonly #listener: SessionThreadListener;
  readonly #onLoaded: (model: BridgeModel) => void;
  #process: BridgeProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #model: BridgeModel | undefined;
  #closing = false;

  constructor(plan: BridgePlan, listener: SessionThreadListener, onLoaded: (model: BridgeModel) => void) {
    this.#plan = plan;
    this.#listener = listener;
    this.#onLoaded = onLoaded;
  }

  /** Starts the child after some milliseconds. */
  start(delay: number): void {
    this.#timer = setTimeout(() => {
      this.#start().catch((error: unknown) => {
        // A child that was told to end, or has ended, is told of by its exit.
        if (this.#closing || this.#process === undefined) return;
        this.#listener.onReply({ type: 'unable', error: toIsovecError(error).toJSON() });
        this.#process.close();
      });
    }, delay);
  }

  send(request: Parameters<SessionThread['send']>[0]): void {
    if (request.type === 'run') {
      void this.#run(request.id, request.work);
      return;
    }
    this.#closing = true;
    clearTimeout(this.#timer);
    if (this.#process !== undefined) {
      this.#process.close();
      return;
    }
    // As every end, after the call that asked for it.
    queueMicrotask(() => {
      this.#listener.onExit('it was closed before it started');
    });
  }

  /** Asks the child; as it has a model by now, what goes wrong is the caller's, or its end. */
  async call(method: string, params: JsonObject): Promise<JsonObject> {
    if (this.#process === undefined) throw unavailable();
    return this.#process.request(method, { model: HANDLE, ...params });
  }

  hold(held: boolean): void {
    this.#process?.hold(held);
  }

  async #start(): Promise<void> {
    const { python, environment, logger, startMilliseconds, warmUpLengths } = this.#plan;
    const begun = performance.now();
    const onExit = (error: IsovecError): void => {
      this.#process = undefined;
      clearInterval(this.#timer);
      this.#listener.onExit(error.message, error);
    };
    let child: BridgeProcess;
    try {
      child = new BridgeProcess({ python, environment, logger, onExit });
    } catch (error) {
      onExit(toIsovecError(error));
      return;
    }
    this.#process = child;
    await child.requestWithin(startMilliseconds, 'ping', {});
    const running = performance.now();
    const left = Math.max(1, startMilliseconds - (running - begun));
    const model = readBridgeModel(await child.requestWithin(left, 'load_model', this.#loadRequest()));
    this.#check(model);
    this.#model = model;
    const loaded = performance.now();
    for (const length of warmUpLengths) {
      const ids = new Int32Array(Math.min(length, model.maxSequenceLength));
      await this.#compute({ ids, batch: 1, length: ids.length, promptLength: 0, output: 'embeddings' });
    }
    this.#onLoaded(model);
    this.#timer = setInterval(() => {
      child.requestWithin(PING_MILLISECONDS, 'ping', {}).catch(() => undefined);
    }, PING_MILLISECONDS).unref();
    this.#listener.onReply({
      type: 'ready',
      engineMilliseconds: running - begun,
      loadMilliseconds: loaded - running,
      warmUpMilliseconds: performance.now() - loaded,
    });
  }

  #loadRequest(): JsonObject {
    const { folder, backend, device, threads, expected, executionProviders } = this.#plan;
    return {
      model: HANDLE,
      path: folder,
      backend,
      device,
      ...(expected === undefined ? {} : { max_seq_length: expected.maxSequenceLength }),
      ...(threads === undefined ? {} : { threads }),
      ...(executionProviders.length === 0
        ? {}
        : { execution_providers: executionProviders.map(({ name, options = {} }) => [name, options]) }),
      ...(backend === 'echo' && expected !== undefined ? { dimensions: expected.dimensions } : {}),
    };
  }

  #check({ dimensions }: BridgeModel): void {
    const { expected } = this.#plan;
    if (expected === undefined || dimensions === expected.dimensions) return;
    throw new IsovecError(
      'SPACE_MISMATCH',
      `The Python bridge gives ${dimensions} dimensions for this model, not ${expected.dimensions}: its files were read in two ways.`,
    );
  }

  async #run(id: number, work: SessionBatch): Promise<void> {
    const begun = performance.now();
    try {
      const { data, milliseconds } = await this.#compute(work);
      this.#listener.onReply({ type: 'done', id, data, milliseconds: milliseconds ?? performance.now() - begun });
    } catch (cause) {
      const error = toIsovecError(cause);
      const child = this.#process;
      if (error.code === 'PROVIDER_BAD_RESPONSE') child?.kill(error);
      // The end of the child is told by its exit, so that the batch runs once more.
      else if (child?.ended === false) this.#listener.onReply({ type: 'failed', id, error: error.toJSON() });
    }
  }

  async #compute(work: SessionBatch): Promise<{ data: Float32Array; milliseconds: number | undefined }> {
    const { ids, batch, length, promptLength, output } = work;
    const child = this.#process;
    const model = this.#model;
    if (child === undefined || model === undefined) throw unavailable();
    const data = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength).toString('base64');
    const answer = await child.request('embed_batch', {
      model: HANDLE,
      token_ids: { data, shape: [batch, length] },
      prompt_length: promptLength,
      output,
    });
    const isHidden = output === 'hidden';
    const [rows, columns] = isHidden ? [batch * length, model.hiddenSize] : [batch, model.dimensions];
    const { milliseconds } = answer;
    return {
      data: readVectors(answer, rows, columns),
      milliseconds: typeof milliseconds === 'number' ? milliseconds : undefined,
    };
  }
}

function unavailable(): IsovecError {
  return new IsovecError('PROVIDER_UNAVAILABLE', 'The Python bridge is being started again; try again in a moment.');
}

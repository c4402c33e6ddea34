import { Worker } from 'node:worker_threads';
import type { QuantizedEncoder } from '../../convert/quantize/quantized-encoder.js';
import type { ShiftedLayer } from '../../convert/quantize/quantize-layer.js';
import { abortError } from '../../shared/abort.js';
import { errorMessage, IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import type { LayerReply, LayerRequest, LayerThreadStart } from './layer-messages.js';

/** The parts of an encoder that hold most of its weights, in int8. */
export interface QuantizedLayers {
  readonly words: QuantizedEncoder['words'];
  readonly layers: readonly ShiftedLayer[];
}

/** What {@link quantizeLayers} works on. */
export interface LayersPlan {
  readonly start: Omit<LayerThreadStart, 'stop'>;
  readonly layers: number;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  /** Called after each layer that was run on the calibration texts. */
  readonly onObserved: () => void;
  /** Called after each matrix product whose weights are quantised. */
  readonly onProduct: () => void;
}

/**
 * Quantises the layers of a checkpoint on worker threads. A layer begins when the one before it has been run on the
 * calibration texts, and each is one thread's work from its beginning to its end, so that the number of threads does
 * not change a bit. ABORTED, WORKER_LOST, or the error of a thread; all threads have ended then.
 */
export async function quantizeLayers(plan: LayersPlan): Promise<QuantizedLayers> {
  const stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const results = new Array<ShiftedLayer>(plan.layers);
  const idle: ((request: LayerRequest) => void)[] = [];
  /** The layer that begins next, once its input is there. */
  let next = 0;
  let input: { readonly hidden: SharedArrayBuffer | undefined } | undefined = { hidden: undefined };
  let stopped = false;
  let words: QuantizedEncoder['words'] | undefined;
  let wordsBegun = false;
  const nextRequest = (): LayerRequest | undefined => {
    if (stopped) return { type: 'end' };
    if (next < plan.layers && input !== undefined) {
      const { hidden } = input;
      input = undefined;
      return { type: 'layer', index: next++, hidden };
    }
    if (!wordsBegun) {
      wordsBegun = true;
      return { type: 'words' };
    }
    return next < plan.layers ? undefined : { type: 'end' };
  };
  const assign = (): void => {
    for (let send = idle[0]; send !== undefined; send = idle[0]) {
      const request = nextRequest();
      if (request === undefined) return;
      idle.shift();
      send(request);
    }
  };
  let failure: unknown;
  // Threads end by request: one inside native code must not be killed.
  const halt = (reason?: unknown): void => {
    failure ??= reason;
    stopped = true;
    Atomics.store(new Int32Array(stop), 0, 1);
    assign();
  };
  const onReply = (reply: LayerReply, send: (request: LayerRequest) => void): void => {
    switch (reply.type) {
      case 'observed':
        input = { hidden: reply.hidden };
        plan.onObserved();
        break;
      case 'product':
        plan.onProduct();
        return;
      case 'quantized':
        results[reply.index] = reply.result;
        idle.push(send);
        break;
      case 'words':
        ({ words } = reply);
        idle.push(send);
        break;
      case 'failed':
        throw IsovecError.fromJSON(reply.error);
    }
    assign();
  };
  const onAbort = (): void => {
    halt();
  };
  plan.signal?.addEventListener('abort', onAbort, { once: true });
  if (plan.signal?.aborted === true) halt();
  try {
    const threads = Array.from({ length: Math.min(plan.threads, plan.layers) }, () =>
      runThread(
        { ...plan.start, stop },
        onReply,
        (send) => {
          idle.push(send);
          assign();
        },
        halt,
      ),
    );
    await Promise.all(threads);
    if (plan.signal?.aborted === true) throw abortError(plan.signal);
    if (failure !== undefined) throw toIsovecError(failure);
    if (words === undefined) throw new IsovecError('INTERNAL', 'The word table was not quantised.');
    return { words, layers: results };
  } finally {
    plan.signal?.removeEventListener('abort', onAbort);
  }
}

/** Runs a thread to its end; if it fails, `halt` is told why: WORKER_LOST, or the error that it gave. */
function runThread(
  start: LayerThreadStart,
  onReply: (reply: LayerReply, send: (request: LayerRequest) => void) => void,
  onReady: (send: (request: LayerRequest) => void) => void,
  halt: (reason: unknown) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./layer-thread-main.js', import.meta.url), { workerData: start, execArgv: [] });
    let ending = false;
    const send = (request: LayerRequest): void => {
      ending ||= request.type === 'end';
      worker.postMessage(request);
    };
    const fail = (error: unknown): void => {
      halt(error);
      if (!ending) send({ type: 'end' });
    };
    worker.on('message', (reply: LayerReply) => {
      try {
        onReply(reply, send);
      } catch (error) {
        fail(error);
      }
    });
    worker.on('error', (error) => {
      fail(lost(errorMessage(error), error));
    });
    worker.on('exit', () => {
      if (!ending) fail(lost('it ended before its work did', undefined));
      resolve();
    });
    onReady(send);
  });
}

function lost(reason: string, cause: unknown): IsovecError {
  return new IsovecError('WORKER_LOST', `A thread that quantises a model was lost (${reason}). Try again.`, { cause });
}

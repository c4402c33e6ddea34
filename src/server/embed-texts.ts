import type { EncodeTask } from '../engine/encode-options.js';
import type { Priority } from '../providers/provider.js';
import type { RowKind, RunOptions, TokenizedTexts } from '../engine/model-tokens.js';
import type { TokenizedText, TruncationSide } from '../runtime/tokenizer.js';
import { IsovecError, isIsovecError } from '../shared/isovec-error.js';
import { type InputError, InputErrors } from './input-errors.js';
import { checkPooling, dimensionsOf } from './model-rules.js';
import type { ServedModel } from './served-models.js';
import type { ServiceLimits } from './service-limits.js';

/** A text, or token ids that are fed to the model as they are. */
export type EmbedInput = string | readonly number[];

/** What a request asks for, on any transport. */
export interface EmbedRequest {
  readonly inputs: readonly EmbedInput[];
  /** Whether texts beyond the model's limit are cut; they are refused otherwise. */
  readonly truncate: boolean;
  readonly truncationSide?: TruncationSide | undefined;
  readonly promptName?: string | undefined;
  readonly task?: EncodeTask | undefined;
  /** Must be the model's own. */
  readonly pooling?: string | undefined;
  /** Length of the vectors; the model's own by default. */
  readonly dimensions?: number | undefined;
  /** What is wanted of each text; 'embeddings' by default. */
  readonly rows?: RowKind | undefined;
  /** Whether a bad text is reported beside the vectors of the others, rather than failing the request. */
  readonly partial?: boolean | undefined;
  /** Tokens of texts of the same request that were embedded before these: they count against its limit. */
  readonly tokensBefore?: number | undefined;
}

/** Who asks, and for how long. */
export interface ServiceCall {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since 1970. */
  readonly deadline?: number | undefined;
  /** By the size of the request unless it is said. */
  readonly priority?: 'interactive' | 'bulk' | undefined;
}

/** Where the time of a request went, in milliseconds: queue and inference are means over its texts. */
export interface EmbedTimings {
  readonly tokenize: number;
  readonly queue: number;
  readonly inference: number;
  readonly total: number;
}

/** What came of a request. */
export interface EmbedResult {
  readonly model: ServedModel;
  /** Length that the vectors are to be cut to. */
  readonly dimensions: number;
  /** Rows of each input, in their order; undefined for one that was refused. */
  readonly rows: readonly (Float32Array | undefined)[];
  /** Tokens of each input before any cut, with its prompt; 0 for one that was refused. */
  readonly tokens: readonly number[];
  /** Indices of inputs that were cut. */
  readonly truncated: readonly number[];
  /** Inputs that were refused; empty unless the request wants partial answers. */
  readonly errors: readonly InputError[];
  readonly timings: EmbedTimings;
}

/** Up to so many tokens a request is a query, which goes before others: as long as the longest text of most models. */
const QUERY_TOKENS = 512;
/** Beyond so many it is bulk, which gives way. */
const BULK_TOKENS = 16_384;

/**
 * Embeds the inputs of one request. BATCH_TOO_LARGE beyond the limits; OVERLOADED at once where the queue is full; INPUT_INVALID or INPUT_TOO_LONG name every bad input;
 * else as `ModelTokens.run`. A vector that is not finite is INTERNAL.
 */
export async function embedTexts(
  model: ServedModel,
  request: EmbedRequest,
  { signal, deadline, priority }: ServiceCall,
  limits: ServiceLimits,
): Promise<EmbedResult> {
  const started = performance.now();
  const { inputs, partial = false } = request;
  checkCount(inputs.length, limits);
  checkPooling(model, request.pooling);
  const dimensions = dimensionsOf(model, request.dimensions);
  // A request that will be refused must not take time from those that are served.
  model.embedder.tokens.checkRoom(inputs.length);
  const errors = new InputErrors();
  const { texts, promptLength, places } = await tokenize(model, request, errors, signal);
  if (!partial) errors.throwIfAny();
  const total = texts.reduce((sum, { fullTokenCount }) => sum + fullTokenCount, 0);
  checkTokens((request.tokensBefore ?? 0) + total, limits);
  const tokenized = performance.now();
  const rows = new Array<Float32Array | undefined>(inputs.length);
  let queue = 0;
  let inference = 0;
  await run(
    model,
    { texts, promptLength },
    {
      rows: request.rows ?? 'embeddings',
      priority: priorityOf(priority, total),
      ...(signal === undefined ? {} : { signal }),
      ...(deadline === undefined ? {} : { deadline }),
      onRows: (at, values, times) => {
        rows[places[at] ?? 0] = values.slice();
        queue += times.queueMilliseconds;
        inference += times.inferenceMilliseconds;
      },
    },
  );
  const count = Math.max(1, texts.length);
  const tokens = new Array<number>(inputs.length).fill(0);
  texts.forEach(({ fullTokenCount }, at) => {
    tokens[places[at] ?? 0] = fullTokenCount;
  });
  return {
    model,
    dimensions,
    rows,
    tokens,
    truncated: texts.flatMap(({ truncated }, at) => (truncated ? [places[at] ?? 0] : [])),
    errors: errors.list(),
    timings: {
      tokenize: tokenized - started,
      queue: queue / count,
      inference: inference / count,
      total: performance.now() - started,
    },
  };
}

/** INPUT_INVALID for a request without inputs, BATCH_TOO_LARGE for one with too many. */
export function checkCount(count: number, { maxInputs }: ServiceLimits): void {
  if (count === 0) throw new IsovecError('INPUT_INVALID', 'The request holds no input.', { data: { empty: true } });
  if (count <= maxInputs) return;
  throw new IsovecError('BATCH_TOO_LARGE', `The request holds ${count} inputs; the limit is ${maxInputs}. Split it.`, {
    data: { limit: maxInputs, received: count },
  });
}

function checkTokens(total: number, { maxTokens }: ServiceLimits): void {
  if (total <= maxTokens) return;
  throw new IsovecError('BATCH_TOO_LARGE', `The request holds ${total} tokens; the limit is ${maxTokens}. Split it.`, {
    data: { limit: maxTokens, received: total },
  });
}

/** The inputs that are not refused, and the place of each among all of them. */
interface Accepted extends TokenizedTexts {
  readonly places: readonly number[];
}

/** Tokenises the inputs, each on its own where one is bad, so that all bad ones are found. */
async function tokenize(
  { embedder }: ServedModel,
  { inputs, truncate, truncationSide, promptName, task }: EmbedRequest,
  errors: InputErrors,
  signal: AbortSignal | undefined,
): Promise<Accepted> {
  const { tokens } = embedder;
  const options = {
    ...(truncationSide === undefined ? {} : { truncationSide }),
    ...(promptName === undefined ? {} : { promptName }),
    ...(task === undefined ? {} : { task }),
    ...(signal === undefined ? {} : { signal }),
  };
  const found = new Map<number, TokenizedText>();
  let promptLength = 0;
  const texts = inputs.flatMap((input, index) => (typeof input === 'string' ? [{ index, text: input }] : []));
  try {
    const encoded = await tokens.encode(
      texts.map(({ text }) => text),
      options,
    );
    ({ promptLength } = encoded);
    encoded.texts.forEach((text, at) => found.set(texts[at]?.index ?? 0, text));
  } catch (error) {
    if (!isIsovecError(error, 'INPUT_INVALID')) throw error;
    for (const { index, text } of texts) {
      try {
        const encoded = await tokens.encode([text], options);
        ({ promptLength } = encoded);
        for (const only of encoded.texts) found.set(index, only);
      } catch (own) {
        errors.add(index, atInput(own, index));
      }
    }
  }
  inputs.forEach((input, index) => {
    if (typeof input === 'string') return;
    try {
      for (const only of tokens.fromIds([input], truncationSide).texts) found.set(index, only);
    } catch (error) {
      errors.add(index, atInput(error, index));
    }
  });
  const limit = embedder.info().maxSequenceLength;
  const places: number[] = [];
  const accepted: TokenizedText[] = [];
  for (const index of inputs.keys()) {
    const text = found.get(index);
    if (text === undefined) continue;
    if (text.truncated && !truncate) errors.add(index, tooLong(index, text.fullTokenCount, limit));
    else {
      places.push(index);
      accepted.push(text);
    }
  }
  return { texts: accepted, promptLength, places };
}

/** An error about the only text of a call, as that text is called in the request. */
function atInput(error: unknown, index: number): unknown {
  if (!isIsovecError(error, 'INPUT_INVALID')) return error;
  const message = error.message.replace(/^(Text|Token list) 0 /, `Input ${index} `);
  return new IsovecError('INPUT_INVALID', message, { cause: error, data: { index } });
}

function tooLong(index: number, tokens: number, limit: number): IsovecError {
  return new IsovecError(
    'INPUT_TOO_LONG',
    `Input ${index} has ${tokens} tokens, and this model's maximum context length is ${limit} tokens. Shorten it, or let it be cut.`,
    { data: { index, tokens, limit } },
  );
}

async function run({ embedder }: ServedModel, texts: TokenizedTexts, options: RunOptions): Promise<void> {
  try {
    await embedder.tokens.run(texts, options);
  } catch (error) {
    // At this point it is the vectors that are not finite, which is no fault of the request.
    if (!isIsovecError(error, 'FORMAT_INVALID')) throw error;
    throw new IsovecError('INTERNAL', error.message, { cause: error, data: { reason: 'not finite' } });
  }
}

function priorityOf(asked: ServiceCall['priority'], tokens: number): Priority {
  if (asked !== undefined) return asked === 'interactive' ? 'high' : 'low';
  if (tokens <= QUERY_TOKENS) return 'high';
  return tokens > BULK_TOKENS ? 'low' : 'normal';
}

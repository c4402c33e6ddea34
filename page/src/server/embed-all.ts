import type { EmbedAnswer, ServerInfo, Timings } from './answers.js';
import { requestChunks } from './request-chunks.js';
import type { ServerClient, TextKind } from './server-client.js';

/** Texts and what the server made of them. */
export interface EmbeddedTexts {
  readonly info: ServerInfo;
  readonly texts: readonly string[];
  readonly vectors: readonly Float32Array[];
  /** Of each text, before any cut. */
  readonly tokens: readonly number[];
  /** Indices of the texts that were cut. */
  readonly truncated: ReadonlySet<number>;
  /** Of all requests together. */
  readonly timings: Timings;
  readonly requests: number;
}

/** Texts of one request, so that a long list shows how far it is and can be broken off. */
const TEXTS_A_REQUEST = 128;

/** What a model with prompts is told that texts are for; nothing for the others. */
export function kindFor({ prompts }: ServerInfo, kind: TextKind): TextKind | undefined {
  return Object.values(prompts).some((prompt) => prompt !== '') ? kind : undefined;
}

/** Embeds texts, within the limits of a request one after another; `onProgress` hears how many are done. */
export async function embedAll(
  client: ServerClient,
  info: ServerInfo,
  texts: readonly string[],
  kind: TextKind,
  signal: AbortSignal,
  onProgress: (done: number) => void = () => undefined,
): Promise<EmbeddedTexts> {
  const inputType = kindFor(info, kind);
  const chunks = requestChunks(texts, {
    maxTexts: Math.min(TEXTS_A_REQUEST, info.max_client_batch_size),
    maxTokens: info.max_request_tokens,
    promptTokens: Math.max(0, ...Object.values(info.prompts).map((prompt) => new TextEncoder().encode(prompt).length)),
  });
  const answers: EmbedAnswer[] = [];
  let done = 0;
  for (const chunk of chunks) {
    const request = { model: info.model_id, texts: chunk };
    answers.push(await client.embed(inputType === undefined ? request : { ...request, input_type: inputType }, signal));
    done += chunk.length;
    onProgress(done);
  }
  let offset = 0;
  const truncated = new Set<number>();
  for (const answer of answers) {
    for (const index of answer.truncated) truncated.add(offset + index);
    offset += answer.embeddings.length;
  }
  return {
    info,
    texts,
    vectors: answers.flatMap(({ embeddings }) => embeddings.map((row) => Float32Array.from(row))),
    tokens: answers.flatMap(({ tokens }) => tokens),
    truncated,
    timings: timingsOf(answers),
    requests: answers.length,
  };
}

/** Requests follow one another, so their times add up; what is a mean over texts stays one. */
function timingsOf(answers: readonly EmbedAnswer[]): Timings {
  const sum = (of: (answer: EmbedAnswer) => number): number => answers.reduce((total, answer) => total + of(answer), 0);
  const texts = Math.max(
    1,
    sum(({ embeddings }) => embeddings.length),
  );
  return {
    tokenize_ms: sum(({ timings }) => timings.tokenize_ms),
    queue_ms: sum(({ timings, embeddings }) => timings.queue_ms * embeddings.length) / texts,
    inference_ms: sum(({ timings, embeddings }) => timings.inference_ms * embeddings.length) / texts,
    total_ms: sum(({ timings }) => timings.total_ms),
  };
}

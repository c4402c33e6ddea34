/** What of an OpenAPI document is looked at here. */
interface Operation {
  readonly parameters?: readonly object[] | undefined;
  readonly responses?: Record<string, Response | Reference> | undefined;
}
interface Response {
  description: string;
  headers?: Record<string, object> | undefined;
}
interface Reference {
  readonly $ref: string;
}
interface Header {
  readonly description: string;
  readonly required: boolean;
  readonly schema: { readonly type: 'string' | 'integer' | 'number' };
}

const header = (description: string, type: 'string' | 'integer' | 'number', required = false): Header => ({
  description,
  required,
  schema: { type },
});

const REQUEST_ID = header('That of the request, or a new one.', 'string', true);

/** Of every answer with vectors. */
const RESULT: Readonly<Record<string, Header>> = {
  'x-isovec-tokens': header('Tokens of all texts before any cut.', 'integer', true),
  'x-isovec-truncated': header('Texts that were cut.', 'integer', true),
  'x-isovec-tokenize-ms': header('Milliseconds in the tokenizer.', 'number', true),
  'x-isovec-queue-ms': header('Milliseconds in the queue, as a mean over the texts.', 'number', true),
  'x-isovec-inference-ms': header('Milliseconds in the model, as a mean over the texts.', 'number', true),
};
const RETRY_AFTER = header('Seconds until it is worth another try; of 429 and 503.', 'integer');
const REFUSAL: Readonly<Record<string, Header>> = {
  'retry-after': RETRY_AFTER,
  'www-authenticate': header('Of 401.', 'string'),
  allow: header('Methods that the route takes; of 405.', 'string'),
};

/** Adds to the operations of a path the headers of their answers, and words where an answer has none. */
export function addAnswerHeaders(path: {
  readonly get?: Operation | undefined;
  readonly post?: Operation | undefined;
}): void {
  for (const operation of [path.get, path.post]) {
    const embeds = operation?.parameters?.some((one) => 'name' in one && one.name === 'x-isovec-priority') === true;
    for (const [status, response] of Object.entries(operation?.responses ?? {})) {
      if ('$ref' in response) continue;
      const group = status[0];
      response.headers = {
        'x-request-id': REQUEST_ID,
        ...(group === '2' && embeds ? RESULT : {}),
        ...(group === '4' ? REFUSAL : {}),
        ...(group === '5' ? { 'retry-after': RETRY_AFTER } : {}),
      };
      if (response.description === 'Default Response')
        response.description = group === '2' ? 'The answer.' : 'The state.';
    }
  }
}

/** Why the server did not do what was asked, in words for people. */
export class ServerError extends Error {
  override readonly name: string = 'ServerError';
  /** Of the answer; 0 where there was none. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The error that an answer tells of: problem+json (RFC 9457), or OpenAI's shape on its routes. */
export async function errorOf(response: Response): Promise<ServerError> {
  const body: unknown = await response.json().catch(() => undefined);
  const said = messageIn(body) ?? `The server answered ${response.status} ${response.statusText}`.trim() + '.';
  const wait = Number(response.headers.get('retry-after') ?? NaN);
  const again = wait > 0 ? ` Try again in ${wait} ${wait === 1 ? 'second' : 'seconds'}.` : '';
  return new ServerError(response.status, said + again);
}

function messageIn(body: unknown): string | undefined {
  if (!isRecord(body)) return undefined;
  if (typeof body['detail'] === 'string') return body['detail'];
  const { error } = body;
  if (typeof error === 'string') return error;
  return isRecord(error) && typeof error['message'] === 'string' ? error['message'] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

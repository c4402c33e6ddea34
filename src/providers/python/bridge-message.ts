import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { ERROR_TABLE, type ErrorCode } from '../../shared/error-table.js';
import { IsovecError } from '../../shared/isovec-error.js';

/** What the child says in one line. */
export type BridgeMessage =
  | { readonly kind: 'result'; readonly id: number; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly id: number | undefined; readonly error: IsovecError }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject };

/** A request as a line of JSON-RPC 2.0, with its end. */
export function requestLine(id: number, method: string, params: JsonObject): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
}

/** What a line of the child says; PROVIDER_BAD_RESPONSE for one that is no message of JSON-RPC 2.0. */
export function readMessage(line: string): BridgeMessage {
  const message = parse(line);
  if (!isJsonObject(message) || message['jsonrpc'] !== '2.0') throw badResponse('a line that is no JSON-RPC 2.0');
  const { id, method, result, error, params } = message;
  if (typeof method === 'string' && id === undefined) {
    return { kind: 'notification', method, params: isJsonObject(params) ? params : {} };
  }
  if (isJsonObject(error)) return { kind: 'error', id: typeof id === 'number' ? id : undefined, error: errorOf(error) };
  if (typeof id !== 'number' || !isJsonObject(result)) throw badResponse('an answer without an id or a result');
  return { kind: 'result', id, result };
}

/** That the child broke its contract; nothing of what it said is repeated, as it may hold texts. */
export function badResponse(what: string): IsovecError {
  return new IsovecError('PROVIDER_BAD_RESPONSE', `The Python bridge sent ${what}.`);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw badResponse('a line that is no JSON');
  }
}

function errorOf({ message, data }: JsonObject): IsovecError {
  const text = typeof message === 'string' ? message : 'The Python bridge failed without a reason.';
  const { code, ...rest } = isJsonObject(data) ? data : {};
  return isErrorCode(code)
    ? new IsovecError(code, text, { data: rest })
    : new IsovecError('PROVIDER_REJECTED', text, { data: rest });
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_TABLE, code);
}

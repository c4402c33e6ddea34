import type { ErrorCode } from '../shared/error-table.js';
import { IsovecError, isIsovecError } from '../shared/isovec-error.js';

/** Why one input of a request was refused. */
export interface InputError {
  readonly index: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Messages that a request's own error repeats; all indices are always in its data. */
const SHOWN = 3;

/** The inputs of a request that are refused, so that its sender hears of all of them at once. */
export class InputErrors {
  readonly #errors = new Map<number, InputError>();

  /** Records why an input is refused; the first reason stays. An error that is no input's own is thrown on. */
  add(index: number, error: unknown): void {
    if (!isIsovecError(error, 'INPUT_INVALID') && !isIsovecError(error, 'INPUT_TOO_LONG')) throw error;
    if (!this.#errors.has(index)) this.#errors.set(index, { index, code: error.code, message: error.message });
  }

  /** By rising index. */
  list(): readonly InputError[] {
    return [...this.#errors.values()].sort((left, right) => left.index - right.index);
  }

  /** INPUT_TOO_LONG if that is all that is wrong, else INPUT_INVALID; the message says which inputs and why. */
  throwIfAny(): void {
    const errors = this.list();
    const [first] = errors;
    if (first === undefined) return;
    const code = errors.every((error) => error.code === 'INPUT_TOO_LONG') ? 'INPUT_TOO_LONG' : 'INPUT_INVALID';
    const messages = errors.slice(0, SHOWN).map(({ message }) => message);
    const indices = errors.map(({ index }) => index);
    const more = errors.length > SHOWN ? ` ${errors.length - SHOWN} more: inputs ${listed(indices.slice(SHOWN))}.` : '';
    throw new IsovecError(code, messages.join(' ') + more, { data: { param: 'input', indices } });
  }
}

/** A list that stays readable. */
function listed(indices: readonly number[]): string {
  const most = 20;
  return indices.length <= most ? indices.join(', ') : `${indices.slice(0, most).join(', ')}, …`;
}

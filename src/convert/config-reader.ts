import type { JsonObject } from '../formats/json/parse-json.js';
import { IsovecError } from '../shared/isovec-error.js';

/** Reads typed keys of a config.json; every refusal names the file, the key and the rule. */
export class ConfigReader {
  readonly #config: JsonObject;

  constructor(config: JsonObject) {
    this.#config = config;
  }

  /** A positive integer. */
  positiveInteger(key: string): number {
    const value = this.#config[key];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw refused(
        key,
        `must be a positive integer, ${value === undefined ? 'and is absent' : `not ${JSON.stringify(value)}`}`,
      );
    }
    return value;
  }

  /** A positive finite number. */
  positiveNumber(key: string, fallback: number): number {
    const value = this.#config[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw refused(key, `must be a positive number, not ${JSON.stringify(value)}`);
    }
    return value;
  }

  /** A string that is a key of `table`, mapped through it; an unknown one is ARCHITECTURE_UNSUPPORTED. */
  mapped<T>(key: string, fallback: string, table: Readonly<Record<string, T>>): T {
    const value = this.#config[key] ?? fallback;
    const mapped = typeof value === 'string' && Object.hasOwn(table, value) ? table[value] : undefined;
    if (mapped === undefined) {
      throw new IsovecError(
        'ARCHITECTURE_UNSUPPORTED',
        `config.json: ${key} ${JSON.stringify(value)} is not supported; supported are ${Object.keys(table).join(', ')}.`,
        { data: { file: 'config.json', key, value } },
      );
    }
    return mapped;
  }
}

function refused(key: string, rule: string): IsovecError {
  return new IsovecError('FORMAT_INVALID', `config.json: ${key} ${rule}.`, { data: { file: 'config.json', key } });
}

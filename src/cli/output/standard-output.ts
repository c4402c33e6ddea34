import { IsovecError, systemErrorCode } from '../../shared/isovec-error.js';

/** Standard output: data, and nothing else. */
export class StandardOutput {
  readonly #stream: NodeJS.WriteStream;
  readonly #onBroken: () => void;
  #broken = false;
  #used = false;

  /** `onBroken` is called once when the reader is gone: the work is then for nobody. */
  constructor(stream: NodeJS.WriteStream, onBroken: () => void) {
    this.#stream = stream;
    this.#onBroken = onBroken;
    // Without a listener a reader that left would end the process with a stack trace.
    stream.on('error', (error) => {
      if (systemErrorCode(error) === 'EPIPE') this.#break();
    });
  }

  /** Whether whoever read our output is gone, as `head` is after its lines. */
  get broken(): boolean {
    return this.#broken;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY;
  }

  /** Whether anything was written. */
  get used(): boolean {
    return this.#used;
  }

  /** Writes, and waits until it is written: a slow reader slows us down. STORAGE_FULL, INTERNAL. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.#broken) return;
    this.#used = true;
    const error = await new Promise<unknown>((resolve) => {
      this.#stream.write(data, resolve);
    });
    if (error === undefined || error === null) return;
    const code = systemErrorCode(error);
    if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') {
      this.#break();
      return;
    }
    if (code === 'ENOSPC') {
      throw new IsovecError('STORAGE_FULL', 'There is no room left where standard output goes.', { cause: error });
    }
    throw new IsovecError('INTERNAL', `Standard output cannot be written (${code ?? 'unknown reason'}).`, {
      cause: error,
    });
  }

  /** One line of text. */
  line(text = ''): Promise<void> {
    return this.write(`${text}\n`);
  }

  /** A value as one line of JSON. */
  json(value: unknown): Promise<void> {
    return this.line(JSON.stringify(value));
  }

  #break(): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#onBroken();
  }
}

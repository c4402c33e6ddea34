import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';

import type { ObtainOptions } from '#src/models/obtain-model.js';
import { onTestFinished } from 'vitest';

export interface CacheRequest {
  readonly action: 'pull' | 'prepare' | 'load' | 'lock';
  readonly id?: string;
  readonly options?: ObtainOptions;
  /** Lock file. */
  readonly file?: string;
}

/** A process of its own that uses a cache; ended after the test whatever happens. */
export class CacheProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;

  constructor(request: CacheRequest, environment: Readonly<Record<string, string>> = {}) {
    const script = path.join(import.meta.dirname, 'cache-child.mjs');
    this.child = spawn(process.execPath, [script, JSON.stringify(request)], {
      env: { ...process.env, ...environment },
    });
    this.child.stderr.pipe(process.stderr, { end: false });
    this.child.stdin.on('error', () => undefined);
    this.#lines = createInterface(this.child.stdout);
    this.#answers = this.#lines[Symbol.asyncIterator]();
    this.#closed = once(this.child, 'close');
    onTestFinished(() => {
      this.child.kill('SIGKILL');
    });
  }

  /** The next answer; undefined when the process has ended without one. */
  async answer(): Promise<Record<string, unknown> | undefined> {
    const next = await this.#answers.next();
    return next.done === true ? undefined : (JSON.parse(next.value) as Record<string, unknown>);
  }

  /** Lets it finish what it does. */
  async finish(): Promise<void> {
    this.child.stdin.end();
    await this.#closed;
  }

  /** Ends it as a power cut would; tells whether it had not ended by itself. */
  async kill(): Promise<boolean> {
    const killed = this.child.kill('SIGKILL');
    await this.#closed;
    return killed && this.child.signalCode === 'SIGKILL';
  }
}

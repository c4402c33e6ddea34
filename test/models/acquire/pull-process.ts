import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import type { ObtainOptions } from '#src/models/obtain-model.js';
import { onTestFinished } from 'vitest';

export interface PullRequest {
  readonly id: string;
  readonly options: ObtainOptions;
  /** The user that the process becomes, where the test runs as root. */
  readonly userId?: number;
}

export interface PullAnswer {
  readonly code?: string;
  readonly message?: string;
  readonly root?: string;
  readonly names?: readonly string[];
}

/** A process of its own that obtains a model; ended after the test whatever happens. */
export class PullProcess {
  readonly child: ChildProcess;
  #output = '';

  constructor(request: PullRequest) {
    const script = path.join(import.meta.dirname, 'pull-child.mjs');
    const child = spawn(process.execPath, [script, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.child = child;
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
  }

  async answer(): Promise<PullAnswer> {
    await once(this.child, 'close');
    return JSON.parse(this.#output) as PullAnswer;
  }

  async kill(): Promise<void> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

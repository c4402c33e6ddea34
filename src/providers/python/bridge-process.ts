import type { ChildProcess } from 'node:child_process';
import process from 'node:process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../formats/json/parse-json.js';
import { errorMessage, IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import type { Logger } from '../../shared/log.js';
import { BridgeLines } from './bridge-lines.js';
import { badResponse, type BridgeMessage, readMessage, requestLine } from './bridge-message.js';
import { startChild, startError } from './start-child.js';

/** How a child is started. */
export interface BridgeCommand {
  /** The interpreter. */
  readonly python: string;
  /** Environment of the child. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** The child has ended, with why; nothing follows. */
  readonly onExit: (error: IsovecError) => void;
}

/** Folder of the package that the child runs. */
export const PYTHON_FOLDER: string = fileURLToPath(new URL('../../../python/', import.meta.url));
/** Longest line of the child: 2,048 vectors of 4,096 dimensions are 45 MB in base64. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** Time to end by itself at the end of its input, then on SIGTERM, in milliseconds. */
const END_MILLISECONDS = 2000;
/** What is kept of its log for the message about its end. */
const LOG_TAIL = 2000;

interface Waiting {
  readonly resolve: (result: JsonObject) => void;
  readonly reject: (error: IsovecError) => void;
}

/**
 * A child that runs `python -m isovec_bridge`, and requests to it: JSON-RPC 2.0, a message a line. One that breaks the
 * contract is killed. It ends with its input, so that none stays when this process is killed.
 */
export class BridgeProcess {
  readonly #command: BridgeCommand;
  readonly #child: ChildProcess;
  readonly #lines = new BridgeLines(MAX_LINE_BYTES);
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #log = '';
  #held = true;
  #ended = false;
  /** Why it was killed. */
  #fault: IsovecError | undefined;

  /** Starts the child; what is wrong with it is told by {@link BridgeCommand.onExit}. As {@link startChild}. */
  constructor(command: BridgeCommand) {
    this.#command = command;
    this.#child = startChild(command.python, ['-m', 'isovec_bridge'], {
      // A group of its own: Ctrl-C is for the parent, and the whole group can be killed.
      detached: process.platform !== 'win32',
      windowsHide: true,
      // Python looks for modules there first, and nowhere that a stranger may write (CWE-427).
      cwd: PYTHON_FOLDER,
      env: { ...command.environment, ISOVEC_BRIDGE_PARENT: String(process.pid), PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdin, stdout, stderr } = this.#child;
    // A child that has ended is told by its exit, not by a pipe.
    stdin?.on('error', () => undefined);
    stdout?.on('data', (part: Buffer) => {
      this.#read(part);
    });
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_TAIL);
      command.logger.debug?.('The Python bridge says', { text: text.trimEnd() });
    });
    this.#child.once('error', (cause) => {
      this.#end(startError(command.python, cause));
    });
    // After its last words have been read.
    this.#child.once('close', (code, signal) => {
      this.#end(this.#fault ?? this.#exitError(code, signal));
    });
  }

  /** Id of the process; undefined if it never started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it has ended, or is being killed. */
  get ended(): boolean {
    return this.#ended || this.#fault !== undefined;
  }

  /** Asks for something; rejects with the child's error, or with why it ended. */
  request(method: string, params: JsonObject): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#fault ?? new IsovecError('PROVIDER_UNAVAILABLE', 'The Python bridge has ended.'));
        return;
      }
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#updateHold();
      this.#child.stdin?.write(requestLine(id, method, params));
    });
  }

  /** As {@link request}; a child that does not answer in time is killed. */
  async requestWithin(milliseconds: number, method: string, params: JsonObject): Promise<JsonObject> {
    const timer = setTimeout(() => {
      this.kill(
        new IsovecError(
          'PROVIDER_UNAVAILABLE',
          `The Python bridge did not answer ${method} within ${milliseconds} ms.`,
        ),
      );
    }, milliseconds);
    timer.unref();
    try {
      return await this.request(method, params);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether the child keeps this process alive, besides while it is asked something. */
  hold(held: boolean): void {
    this.#held = held;
    this.#updateHold();
  }

  #updateHold(): void {
    const held = this.#held || this.#waiting.size > 0;
    const handles = [this.#child, ...this.#child.stdio.filter((stream) => stream !== null)] as (
      ChildProcess | Socket
    )[];
    for (const handle of handles) {
      if (held) handle.ref();
      else handle.unref();
    }
  }

  /** Kills the child and all that it has started; open requests reject with the error. */
  kill(error: IsovecError): void {
    if (this.#ended) return;
    this.#fault ??= error;
    this.#signal('SIGKILL');
  }

  /** Tells the child to end; one that does not is killed. Its end is told by {@link BridgeCommand.onExit}. */
  close(): void {
    if (this.#ended) return;
    this.hold(true);
    this.#fault ??= new IsovecError('CLOSED', 'The model was closed.');
    this.#child.stdin?.end();
    const timers = (['SIGTERM', 'SIGKILL'] as const).map((signal, i) =>
      setTimeout(
        () => {
          this.#signal(signal);
        },
        END_MILLISECONDS * (i + 1),
      ),
    );
    this.#child.once('close', () => {
      timers.forEach(clearTimeout);
    });
  }

  #read(part: Buffer): void {
    if (this.#fault !== undefined) return;
    try {
      for (const line of this.#lines.push(part)) this.#receive(readMessage(line));
    } catch (error) {
      this.#command.logger.warn('The Python bridge broke its contract and is restarted.', {
        reason: errorMessage(error),
      });
      this.kill(toIsovecError(error));
    }
  }

  #receive(message: BridgeMessage): void {
    if (message.kind === 'notification') {
      const { level, message: text, data } = message.params;
      const warns = level === 'warning' || level === 'error';
      if (message.method !== 'log' || typeof text !== 'string') return;
      if (warns) this.#command.logger.warn(text, { data });
      else this.#command.logger.debug?.(text, { data });
      return;
    }
    const { id } = message;
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || waiting === undefined) throw badResponse('an answer to nothing that was asked');
    this.#waiting.delete(id);
    this.#updateHold();
    if (message.kind === 'result') waiting.resolve(message.result);
    else waiting.reject(message.error);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      // Its whole group, where it has one.
      process.kill(process.platform === 'win32' ? pid : -pid, signal);
    } catch {
      this.#child.kill(signal);
    }
  }

  #end(error: IsovecError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#fault ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#fault);
    this.#waiting.clear();
    this.#command.onExit(this.#fault);
  }

  #exitError(code: number | null, signal: string | null): IsovecError {
    const how = signal === null ? `with code ${code ?? 'unknown'}` : `by ${signal}`;
    const last = this.#log.trim().split('\n').slice(-3).join(' | ');
    return new IsovecError(
      'PROVIDER_UNAVAILABLE',
      `The Python bridge ended ${how}${last === '' ? '' : `; its last words: ${last}`}. isovec bridge doctor looks into it.`,
      { data: { exitCode: code, signal } },
    );
  }
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** How a contestant's process is started. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
}

/** The end of what a process said on standard error that is kept, in characters: enough for a stack. */
const KEPT = 2000;
/** Contestants get their files from us and ask no hub; a library that tries fails at once. */
const ENVIRONMENT = { HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', ORT_DISABLE_TELEMETRY: '1' };

const outcomeSchema = z.object({ answer: z.unknown(), error: z.string().optional() });

/**
 * A contestant in a process of its own. A request is a line of JSON on its standard input; its answer a line on standard
 * output that begins with `{"answer"`; other lines are a library's talk and passed over. One request at a time. A process
 * that answers with an error, ends, or stays silent beyond the deadline makes the request throw; after the last two
 * it is of no use any more.
 */
export class ContestantProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #errors = '';
  #end: string | undefined;
  #settle: ((line: string) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor({ program, args }: Launch) {
    this.#child = spawn(program, [...args], { env: { ...process.env, ...ENVIRONMENT } });
    this.#ended = once(this.#child, 'close').then(
      () => undefined,
      () => undefined,
    );
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-KEPT);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (line.startsWith('{"answer"')) this.#settle?.(line);
    });
    // A pipe that breaks is told by the process's end.
    this.#child.stdin.on('error', () => undefined);
    this.#child.once('error', (error) => {
      this.#over(`could not be started: ${error.message}`);
    });
    this.#child.once('close', (code, signal) => {
      this.#over(`its process ended (${signal ?? `exit status ${String(code)}`})${this.#lastWords()}`);
    });
    this.#volunteer();
  }

  /** Sends a request and gives what `schema` makes of the answer, or throws. */
  async request<T>(
    operation: string,
    body: Readonly<Record<string, unknown>>,
    schema: z.ZodType<T>,
    deadlineSeconds: number,
  ): Promise<T> {
    if (this.#end !== undefined) throw new Error(this.#end);
    let timer: NodeJS.Timeout | undefined;
    try {
      const line = await new Promise<string>((resolve, reject) => {
        this.#settle = resolve;
        this.#fail = reject;
        timer = setTimeout(() => {
          this.#over(`'${operation}' had no answer within ${deadlineSeconds} s`);
          this.#child.kill('SIGKILL');
        }, deadlineSeconds * 1000);
        this.#child.stdin.write(`${JSON.stringify({ operation, ...body })}\n`);
      });
      const { answer, error } = outcomeSchema.parse(JSON.parse(line));
      if (error !== undefined) throw new Error(`'${operation}' failed: ${lastLine(error)}`);
      return schema.parse(answer);
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
      this.#fail = undefined;
    }
  }

  /** Ends the process: asked to first, killed if it does not. Resolves when it is gone. */
  async close(graceSeconds = 10): Promise<void> {
    if (this.#end === undefined) {
      await this.request('quit', {}, z.unknown(), graceSeconds).catch(() => undefined);
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceSeconds * 1000);
      await this.#ended;
      clearTimeout(timer);
    }
    await this.#ended;
  }

  /** Only the first reason counts: the kill that follows a deadline is no news. */
  #over(reason: string): void {
    this.#end ??= reason;
    this.#fail?.(new Error(this.#end));
  }

  #lastWords(): string {
    const words = lastLine(this.#errors);
    return words === '' ? '' : `: ${words}`;
  }

  /** Where memory runs out, the system should end the contestant that took it and nothing else. Linux only. */
  #volunteer(): void {
    if (process.platform !== 'linux' || this.#child.pid === undefined) return;
    try {
      writeFileSync(`/proc/${this.#child.pid}/oom_score_adj`, '1000');
    } catch (error) {
      // It has ended already, or the system does not let us: both only lose the precaution.
      if (!(error instanceof Error)) throw error;
    }
  }
}

/** The line that tells the error, at the end of Python's trace or the beginning of JavaScript's. */
function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line !== '' && !line.startsWith('at '));
  return (
    (telling[0]?.startsWith('Traceback') === true
      ? telling.at(-1)
      : (telling.find((line) => /error/i.test(line)) ?? telling.at(-1))) ?? ''
  );
}

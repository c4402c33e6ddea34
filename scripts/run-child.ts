import { spawn } from 'node:child_process';

/** How a child process ended. */
export interface ChildResult {
  /** Exit code, or the signal's name when a signal ended it. */
  readonly status: number | string;
  /** Standard output and standard error as they came, together. */
  readonly output: string;
}

/** Runs Node with the given arguments and collects what it prints. Never rejects for a failing child. */
export function runNode(cwd: string, args: readonly string[]): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ status: code ?? signal ?? 'unknown', output });
    });
  });
}

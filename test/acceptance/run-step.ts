import { spawn } from 'node:child_process';

/** Runs a program with its output on this terminal; its failure ends this process with the same exit code. */
export async function runStep(command: string, options: readonly string[], cwd?: string): Promise<void> {
  process.stdout.write(`> ${[command, ...options].join(' ')}\n`);
  const child = spawn(command, options, { stdio: 'inherit', ...(cwd === undefined ? {} : { cwd }) });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  process.stderr.write(`${command} ended with ${String(code)}\n`);
  process.exit(code ?? 1);
}

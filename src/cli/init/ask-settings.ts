import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { DEFAULT_MODEL } from '../model-flags.js';
import type { Settings } from './given-settings.js';

const DTYPES: readonly string[] = ['float32', 'int8'];

/** Settings with model and weights, which a person at a terminal is asked for where they are not given. */
export async function askSettings(given: Settings, silent: boolean, signal: AbortSignal): Promise<Settings> {
  const { model, dtype, ...others } = given;
  if (silent || !process.stdin.isTTY || !process.stderr.isTTY || (model !== undefined && dtype !== undefined)) {
    return { model: model ?? DEFAULT_MODEL, dtype: dtype ?? 'float32', ...others };
  }
  // Standard output is for what was written.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ask = async (question: string, byDefault: string): Promise<string> => {
    const answer = await terminal.question(`${question} [${byDefault}]: `, { signal });
    return answer.trim() === '' ? byDefault : answer.trim();
  };
  try {
    return {
      model: model ?? (await ask('Model: org/name[@revision] or a folder', DEFAULT_MODEL)),
      dtype: dtype ?? (await askDtype(ask)),
      ...others,
    };
  } finally {
    terminal.close();
  }
}

async function askDtype(ask: (question: string, byDefault: string) => Promise<string>): Promise<string> {
  for (;;) {
    const answer = await ask('Weights: float32, exact, or int8, faster and smaller', 'float32');
    if (DTYPES.includes(answer)) return answer;
  }
}

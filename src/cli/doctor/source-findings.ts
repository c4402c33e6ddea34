import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Settings } from '../../engine/settings.js';
import { errorMessage, systemErrorCode } from '../../shared/isovec-error.js';
import type { DoctorFinding } from './finding.js';
import { hideCredentials } from './hide-credentials.js';

const HUB_MILLISECONDS = 3_000;
const PYTHON_MILLISECONDS = 10_000;

/** Where models come from: Python's pip, and the hub. */
export function sourceFindings(settings: Settings, signal: AbortSignal): Promise<DoctorFinding[]> {
  return Promise.all([pip(settings.pythonCommand, signal), hub(settings, signal)]);
}

/** pip is asked without the working directory on the module path, where any file named pip.py would run (CWE-427). */
async function pip(pythonCommand: string | undefined, signal: AbortSignal): Promise<DoctorFinding> {
  const name = 'Python, pip';
  const reasons: string[] = [];
  for (const command of pythonCommand === undefined ? ['python3', 'python'] : [pythonCommand]) {
    try {
      const run = promisify(execFile);
      const { stdout } = await run(command, ['-I', '-m', 'pip', '--version'], { signal, timeout: PYTHON_MILLISECONDS });
      const [, pipVersion, pythonVersion] = /^pip (\S+) .*\(python ([\d.]+)\)/.exec(stdout.trim()) ?? [];
      return { name, status: 'ok', detail: `${command} ${pythonVersion ?? '?'}, pip ${pipVersion ?? '?'}` };
    } catch (error) {
      const absent = systemErrorCode(error) === 'ENOENT';
      const why = absent ? 'not found' : errorMessage(error).split('\n').filter(Boolean).at(-1);
      reasons.push(`${command}: ${why ?? 'fails'}`);
    }
  }
  const wayOut =
    'Only wheel: models, and the catalogue where the hub is out of reach, need it. Install Python 3 with pip, or set ISOVEC_PYTHON.';
  return { name, status: 'warn', detail: reasons.join('; '), wayOut };
}

async function hub(settings: Settings, signal: AbortSignal): Promise<DoctorFinding> {
  const name = 'model hub';
  if (settings.offline) return { name, status: 'ok', detail: 'not asked: offline is set' };
  const { DEFAULT_ENDPOINT } = await import('../../models/obtain-model.js');
  const endpoint = settings.hubEndpoint ?? DEFAULT_ENDPOINT;
  const shown = hideCredentials(endpoint);
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(HUB_MILLISECONDS)]);
    const answer = await fetch(endpoint, { method: 'HEAD', redirect: 'manual', signal: limit });
    return { name, status: 'ok', detail: `${shown} answers (HTTP ${answer.status})` };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const timedOut = error instanceof Error && error.name === 'TimeoutError';
    const reason = timedOut
      ? `no answer within ${HUB_MILLISECONDS / 1000} s`
      : (systemErrorCode(cause) ?? errorMessage(cause ?? error));
    const wayOut = 'Check the network and HF_ENDPOINT; cached models, folders and wheels work without the hub.';
    return { name, status: 'warn', detail: `${shown} cannot be reached (${hideCredentials(reason)})`, wayOut };
  }
}

import { type BridgeBackend, installedPython, systemPython } from '../../engine/find-python.js';
import type { Settings } from '../../engine/settings.js';
import { BridgeProcess } from '../../providers/python/bridge-process.js';
import { isJsonObject, type JsonObject } from '../../formats/json/parse-json.js';
import { IsovecError, toIsovecError } from '../../shared/isovec-error.js';
import { silentLogger } from '../../shared/log.js';
import type { DoctorFinding } from './finding.js';

/** What {@link bridgeFindings} looks at. */
export interface BridgeQuestion {
  readonly cacheRoot: string;
  readonly settings: Settings;
  /** An interpreter that was asked for; undefined looks at those that would be taken. */
  readonly python: string | undefined;
  readonly signal: AbortSignal;
}

/** Packages that each backend needs, as they are asked for. */
const NEEDED: Readonly<Record<BridgeBackend, readonly string[]>> = {
  onnx: ['numpy', 'onnxruntime', 'tokenizers'],
  torch: ['torch', 'sentence-transformers', 'transformers'],
};
const ANSWER_MILLISECONDS = 20_000;
/** PyTorch takes its time to be imported from a cold disk. */
const IMPORT_MILLISECONDS = 60_000;

/** Whether Python can run what this process cannot: a finding for each backend. */
export async function bridgeFindings(question: BridgeQuestion): Promise<DoctorFinding[]> {
  return Promise.all((['torch', 'onnx'] as const).map((backend) => finding(backend, question)));
}

async function finding(backend: BridgeBackend, question: BridgeQuestion): Promise<DoctorFinding> {
  const { cacheRoot, settings, signal } = question;
  const name = `bridge, ${backend}`;
  const python =
    question.python ?? settings.pythonCommand ?? (await installedPython(cacheRoot, backend)) ?? systemPython();
  const wayOut = `Only models and devices that this process cannot run need it: isovec bridge install --backend ${backend}`;
  try {
    const { python: version, versions, devices } = await ask(python, backend, settings, signal);
    const found = isJsonObject(versions) ? versions : {};
    const needed = NEEDED[backend];
    const missing = needed.filter((one) => !(one in found));
    const shown = `${python}: Python ${String(version)}`;
    if (missing.length > 0) return { name, status: 'warn', detail: `${shown}, without ${missing.join(', ')}`, wayOut };
    const packages = needed.map((one) => `${one} ${String(found[one])}`).join(', ');
    return { name, status: 'ok', detail: `${shown}, ${packages}; devices: ${devices.join(', ')}` };
  } catch (error) {
    return { name, status: 'warn', detail: toIsovecError(error).message, wayOut };
  }
}

/** What an interpreter says of itself, and of the devices of a backend if its packages are there. */
async function ask(
  python: string,
  backend: BridgeBackend,
  { childEnvironment }: Settings,
  signal: AbortSignal,
): Promise<JsonObject & { readonly devices: readonly string[] }> {
  let tellEnd = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    tellEnd = resolve;
  });
  const child = new BridgeProcess({
    python,
    environment: childEnvironment,
    logger: silentLogger,
    onExit: () => {
      tellEnd();
    },
  });
  const onAbort = (): void => {
    child.kill(new IsovecError('ABORTED', 'Interrupted.'));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await child.requestWithin(ANSWER_MILLISECONDS, 'ping', {});
    const { devices } = await child
      .requestWithin(IMPORT_MILLISECONDS, 'devices', { backend })
      .catch((): JsonObject => ({}));
    return { ...answer, devices: Array.isArray(devices) ? devices.map(String) : ['unknown'] };
  } finally {
    signal.removeEventListener('abort', onAbort);
    child.close();
    await ended;
  }
}

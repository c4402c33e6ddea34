import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { loadEngine } from './load-engine.js';

/** What a try of a device showed. */
export interface DeviceProbe {
  readonly device: string;
  /** Why no session starts there; undefined where one does. */
  readonly reason: string | undefined;
}

/** A driver takes a second or two to start. */
const PROBE_MILLISECONDS = 20_000;

/**
 * Tries those of some devices that the installed onnxruntime-node knows, each in a process of its own. PACKAGE_MISSING. That a
 * session starts says nothing of the vectors: those are compared when a model is loaded.
 */
export async function probeDevices(wanted: readonly string[], signal: AbortSignal): Promise<DeviceProbe[]> {
  const devices = loadEngine()
    .listSupportedBackends()
    .map(({ name }) => name)
    .filter((device) => wanted.includes(device));
  return Promise.all(devices.map(async (device) => ({ device, reason: await reasonAgainst(device, signal) })));
}

function reasonAgainst(device: string, signal: AbortSignal): Promise<string | undefined> {
  const program = fileURLToPath(new URL('./probe-device-main.js', import.meta.url));
  return new Promise((resolve) => {
    const options = { signal, timeout: PROBE_MILLISECONDS };
    execFile(process.execPath, [program, device], options, (error, stdout) => {
      resolve(error === null ? undefined : lastSentence(stdout) || 'the process that tried it ended');
    });
  });
}

/** Messages of ONNX Runtime begin with the place in its source; the reason comes last. */
function lastSentence(message: string): string {
  return (
    message
      .trim()
      .split('\n')
      .at(-1)
      ?.split(/ was false\. |: (?=Failed)/)
      .at(-1)
      ?.trim() ?? ''
  );
}

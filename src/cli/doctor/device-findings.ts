import { DEVICES } from '../../engine/provider-choice.js';
import { probeDevices } from '../../runtime/sessions/probe-devices.js';
import { errorMessage } from '../../shared/isovec-error.js';
import type { DoctorFinding } from './finding.js';

/** Where this process can compute, and why not on the other devices that ONNX Runtime knows here. */
export async function deviceFindings(signal: AbortSignal): Promise<DoctorFinding[]> {
  const name = 'devices';
  try {
    const probes = await probeDevices(DEVICES, signal);
    const usable = probes.flatMap(({ device, reason }) => (reason === undefined ? [device] : []));
    const others = probes.flatMap(({ device, reason }) => (reason === undefined ? [] : [`${device} (${reason})`]));
    const detail = `in process: ${usable.join(', ')}${others.length > 0 ? `; not ${others.join(', ')}` : ''}`;
    return [{ name, status: 'ok', detail }];
  } catch (error) {
    return [{ name, status: 'warn', detail: errorMessage(error) }];
  }
}

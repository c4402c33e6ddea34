import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** An event of ONNX Runtime's profile. */
interface ProfileEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string };
}

/** Microseconds that the kernels of one operator took over a profile. */
export type OperatorTimes = ReadonlyMap<string, number>;

/** Sums the kernel times of the one profile file in a folder by operator. */
export async function readOperatorTimes(folder: string): Promise<OperatorTimes> {
  const [name, ...others] = await readdir(folder);
  if (name === undefined || others.length > 0) throw new Error(`${folder} holds no single profile.`);
  const events = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as ProfileEvent[];
  const times = new Map<string, number>();
  for (const { cat, name: event, dur = 0, args } of events) {
    if (cat !== 'Node' || event?.endsWith('_kernel_time') !== true) continue;
    const operator = args?.op_name ?? 'unknown';
    times.set(operator, (times.get(operator) ?? 0) + dur);
  }
  return times;
}

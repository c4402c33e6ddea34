import { IsovecError } from '../../shared/isovec-error.js';

/** An execution provider of ONNX Runtime, with options as its documentation lists them. */
export interface ExecutionProvider {
  /** As ONNX Runtime calls it: 'CUDAExecutionProvider'. */
  readonly name: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

/** The processor, which every installation has. */
export const CPU_PROVIDER: ExecutionProvider = { name: 'CPUExecutionProvider' };

/** What computes on a device in this process, by the name that onnxruntime-node gives both. */
const PROVIDERS: Readonly<Record<string, string>> = {
  cpu: CPU_PROVIDER.name,
  cuda: 'CUDAExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
  dml: 'DmlExecutionProvider',
  tensorrt: 'TensorrtExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
};

/** Whether onnxruntime-node knows a device, on some platform. */
export function isEngineDevice(device: string): boolean {
  return Object.hasOwn(PROVIDERS, device);
}

/** The providers of a device, in order of preference: behind it the processor, for operators that it lacks. */
export function providersOfDevice(device: string): readonly ExecutionProvider[] {
  const name = PROVIDERS[device];
  return name === undefined || name === CPU_PROVIDER.name ? [CPU_PROVIDER] : [{ name }, CPU_PROVIDER];
}

/** The device that a list of providers prefers; the name of the first one where none is known. */
export function deviceOf([first = CPU_PROVIDER]: readonly ExecutionProvider[]): string {
  return Object.keys(PROVIDERS).find((device) => PROVIDERS[device] === first.name) ?? first.name;
}

/**
 * Providers as onnxruntime-node takes them, whose options are in camel case. PROVIDER_UNAVAILABLE, with the devices that
 * there are, for one that the installed binding does not have.
 */
export function engineProviders(
  providers: readonly ExecutionProvider[],
  available: readonly string[],
): { readonly name: string }[] {
  return providers.map(({ name, options = {} }) => {
    const device = deviceOf([{ name }]);
    if (!available.includes(device)) {
      throw new IsovecError(
        'PROVIDER_UNAVAILABLE',
        `onnxruntime-node has no ${name} on this platform; it has the devices ${available.join(', ')}.`,
        { data: { device, available } },
      );
    }
    const entries = Object.entries(options).map(([key, value]) => [inCamelCase(key), value] as const);
    return { name: device, ...Object.fromEntries(entries) };
  });
}

function inCamelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

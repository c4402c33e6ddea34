/** Who is to compute. */
export type ProviderChoice = 'auto' | 'onnx' | 'python' | 'python/onnx' | 'python/torch' | 'python/echo';

/** Where. */
export type Device = 'auto' | 'cpu' | 'cuda' | 'coreml' | 'dml' | 'webgpu' | 'mps' | 'openvino';

/** All of them; 'python/echo' gives vectors without a meaning, for tests of what is around a model. */
export const PROVIDER_CHOICES: readonly ProviderChoice[] = [
  'auto',
  'onnx',
  'python',
  'python/onnx',
  'python/torch',
  'python/echo',
];
export const DEVICES: readonly Device[] = ['auto', 'cpu', 'cuda', 'coreml', 'dml', 'webgpu', 'mps', 'openvino'];

/** A provider that is tried. */
export type SingleProvider = Exclude<ProviderChoice, 'auto'>;

/** Whether a choice may come to run in this process. */
export function isInProcess(choice: ProviderChoice = 'auto'): boolean {
  return choice === 'auto' || choice === 'onnx';
}

/** Those that are tried for a choice, in this order. */
export function providersOf(choice: ProviderChoice = 'auto'): readonly SingleProvider[] {
  return choice === 'auto' ? ['onnx', 'python'] : [choice];
}

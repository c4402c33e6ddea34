import type { ModelFiles } from '../models/model-files.js';
import { isEngineDevice, providersOfDevice } from '../runtime/sessions/execution-provider.js';
import { IsovecError } from '../shared/isovec-error.js';
import type { Computation } from './computation.js';
import { int8Request } from './int8-request.js';
import type { LoadOptions } from './load-options.js';
import { nativeComputation } from './native-computation.js';
import type { SingleProvider } from './provider-choice.js';
import type { Settings } from './settings.js';

/** Devices that ONNX Runtime alone reaches. */
const ONNX_DEVICES: readonly string[] = ['coreml', 'dml', 'openvino', 'webgpu'];

/** A model as a provider runs it. The errors of `loadModel` that are about files, and PROVIDER_UNAVAILABLE for a device. */
export async function computationOf(
  provider: SingleProvider,
  files: ModelFiles,
  options: LoadOptions,
  settings: Settings,
): Promise<Computation> {
  const { threads, signal, device = 'auto', executionProviders = [] } = options;
  const cacheRoot = options.cache ?? settings.cacheRoot;
  if (provider === 'onnx') {
    if (device !== 'auto' && !isEngineDevice(device)) {
      throw new IsovecError(
        'PROVIDER_UNAVAILABLE',
        `The device ${device} is not there in this process. The Python bridge may have it: isovec bridge install.`,
        { data: { device } },
      );
    }
    const int8 = options.dtype === 'int8' ? await int8Request(options) : undefined;
    const { loneTextThreads } = options;
    const providers = executionProviders.length > 0 ? executionProviders : providersOfDevice(device);
    return nativeComputation(files, {
      cacheRoot,
      int8,
      threads,
      loneTextThreads,
      executionProviders: providers,
      signal,
    });
  }
  // Loaded when it is wanted: most models run in process.
  const { bridgeComputation } = await import('./bridge-computation.js');
  const { findPython } = await import('./find-python.js');
  const [, asked = 'auto'] = provider.split('/') as [string, ('onnx' | 'torch' | 'echo')?];
  const isOnnx = asked === 'auto' && (executionProviders.length > 0 || ONNX_DEVICES.includes(device));
  const backend = isOnnx ? 'onnx' : asked;
  const { onnxFolder } = await import('./onnx-folder.js');
  return bridgeComputation(files, {
    folder: backend === 'onnx' ? await onnxFolder(files, cacheRoot, signal) : files.root,
    python: await findPython(options.python ?? settings.pythonCommand, cacheRoot, backend),
    environment: settings.childEnvironment,
    backend,
    device,
    executionProviders,
    threads,
  });
}

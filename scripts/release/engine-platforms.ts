/** The platforms that have an engine package, by the names that Node gives system and processor. */
export const ENGINE_PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'] as const;

export type EnginePlatform = (typeof ENGINE_PLATFORMS)[number];

/** What one platform needs beside the JavaScript that all share. */
export interface PlatformBinaries {
  readonly os: string;
  readonly cpu: string;
  /** The C library that both official packages are linked with; absent where there is one alone. */
  readonly libc?: readonly string[];
  /** Files of onnxruntime-node below `bin/napi-v6/SYSTEM/PROCESSOR`. */
  readonly engine: readonly string[];
  /** The one binary of tokenizers. */
  readonly tokenizer: string;
}

/** What Windows loads beside the engine: DirectML for that device, the compiler of shaders for WebGPU. */
const WINDOWS = ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'];
const LINUX = ['libonnxruntime.so.1', 'onnxruntime_binding.node'];

/** ONNX Runtime is not published for musl, nor for darwin-x64, so those have no engine. */
export const PLATFORM_BINARIES: Readonly<Record<EnginePlatform, PlatformBinaries>> = {
  'linux-x64': {
    os: 'linux',
    cpu: 'x64',
    libc: ['glibc'],
    engine: LINUX,
    tokenizer: 'tokenizers.linux-x64-gnu.node',
  },
  'linux-arm64': {
    os: 'linux',
    cpu: 'arm64',
    libc: ['glibc'],
    engine: LINUX,
    tokenizer: 'tokenizers.linux-arm64-gnu.node',
  },
  // The official package holds the library a second time under its full version, a name that nothing is linked with.
  'darwin-arm64': {
    os: 'darwin',
    cpu: 'arm64',
    engine: ['libonnxruntime.1.dylib', 'onnxruntime_binding.node'],
    tokenizer: 'tokenizers.darwin-arm64.node',
  },
  'win32-x64': { os: 'win32', cpu: 'x64', engine: WINDOWS, tokenizer: 'tokenizers.win32-x64-msvc.node' },
  'win32-arm64': { os: 'win32', cpu: 'arm64', engine: WINDOWS, tokenizer: 'tokenizers.win32-arm64-msvc.node' },
};

/** An official package that an engine holds files of, and the folder that they lie in: that of its name. */
export interface OfficialFiles {
  readonly name: 'onnxruntime-node' | 'onnxruntime-common' | 'tokenizers';
  readonly license: string;
  /** Paths inside of the package; a folder stands for the JavaScript in it, without declarations and maps. */
  readonly files: readonly string[];
}

/** What the engine of a platform takes of each official package. */
export function officialFiles(platform: EnginePlatform): readonly OfficialFiles[] {
  const { os, cpu, engine, tokenizer } = PLATFORM_BINARIES[platform];
  return [
    {
      name: 'onnxruntime-node',
      license: 'MIT',
      files: ['package.json', 'dist/', ...engine.map((file) => `bin/napi-v6/${os}/${cpu}/${file}`)],
    },
    { name: 'onnxruntime-common', license: 'MIT', files: ['package.json', 'dist/cjs/package.json', 'dist/cjs/'] },
    { name: 'tokenizers', license: 'Apache-2.0', files: ['package.json', 'LICENSE', 'index.js', tokenizer] },
  ];
}

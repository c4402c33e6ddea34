import process from 'node:process';
import { errorMessage, IsovecError } from '../shared/isovec-error.js';

/** Platforms that ONNX Runtime is published for, and so isovec's engine packages. */
const PLATFORMS: readonly string[] = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/** The versions that the engine packages hold, and that are tested. */
export const OFFICIAL_VERSIONS: Readonly<Record<'onnxruntime-node' | 'tokenizers', string>> = {
  'onnxruntime-node': '1.30.0',
  tokenizers: '0.23.2',
};

const ELSEWHERE =
  'Have the vectors computed elsewhere: by a server (createRemoteProvider) or by Python (isovec bridge install)';

/** PACKAGE_MISSING for a native package, with what helps on the platform: this process's by default. */
export function missingNative(
  name: keyof typeof OFFICIAL_VERSIONS,
  cause: unknown,
  platform: string = `${process.platform}-${process.arch}`,
  musl: boolean = isMusl(),
): IsovecError {
  const reason = errorMessage(cause).split('\n', 1)[0] ?? '';
  const shown = musl ? `${platform} with musl` : platform;
  return new IsovecError(
    'PACKAGE_MISSING',
    `The package ${name} cannot be loaded on ${shown} (${reason}). ${wayOut(platform, shown, musl)}`,
    { cause, data: { package: name, platform: shown } },
  );
}

function wayOut(platform: string, shown: string, musl: boolean): string {
  if (musl && PLATFORMS.includes(platform)) {
    return `ONNX Runtime is not published for ${shown}, only for glibc: take an image with glibc, such as Debian's. ${ELSEWHERE}.`;
  }
  if (!PLATFORMS.includes(platform)) {
    return `ONNX Runtime is not published for ${shown}, only for ${PLATFORMS.join(', ')}. ${ELSEWHERE}.`;
  }
  const official = Object.entries(OFFICIAL_VERSIONS).map(([name, version]) => `${name}@${version}`);
  return [
    `It comes with @isovec/engine-${platform}, an optional dependency: install isovec again on this platform, with optional dependencies.`,
    `Or install the official packages: npm install --ignore-scripts ${official.join(' ')}`,
  ].join(' ');
}

/** Whether this process runs on musl: the report of a process on glibc names its version. */
function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined;
}

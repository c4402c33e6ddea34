import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { missingNative, OFFICIAL_VERSIONS } from '#src/runtime/missing-native.js';
import { findNative, loadNative } from '#src/runtime/native-packages.js';
import { ENGINE_PLATFORMS } from '../../scripts/release/engine-platforms.js';
import { ROOT } from '../package/pack-package.js';

const cause = new Error("Cannot find module 'onnxruntime-node'\nRequire stack:\n- /somewhere/secret.js");

describe('a native package that cannot be loaded', () => {
  it.each(ENGINE_PLATFORMS)('names the engine of %s and the official packages', (platform) => {
    const error = missingNative('onnxruntime-node', cause, platform, false);
    expect(error.code).toBe('PACKAGE_MISSING');
    expect(error.message).toContain(`It comes with @isovec/engine-${platform}, an optional dependency`);
    expect(error.message).toContain('npm install --ignore-scripts onnxruntime-node@1.30.0 tokenizers@0.23.2');
    expect(error.message).not.toContain('secret.js');
  });

  it.each(['linux-x64', 'linux-arm64'])('says that there is nothing for %s with musl, and what helps', (platform) => {
    const { message } = missingNative('onnxruntime-node', cause, platform, true);
    expect(message).toContain(`ONNX Runtime is not published for ${platform} with musl`);
    expect(message).toContain('image with glibc');
    expect(message).toContain('createRemoteProvider');
    expect(message).not.toContain('npm install');
  });

  it.each(['darwin-x64', 'linux-riscv64', 'freebsd-x64'])(
    'says that there is nothing for %s, and what helps',
    (platform) => {
      const { message, data } = missingNative('tokenizers', cause, platform, false);
      expect(message).toContain(`ONNX Runtime is not published for ${platform}, only for linux-x64, `);
      expect(message).toContain('isovec bridge install');
      expect(message).not.toContain('npm install');
      expect(data).toEqual({ package: 'tokenizers', platform });
    },
  );

  it('names the versions that the repository depends on', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(OFFICIAL_VERSIONS).toEqual({
      'onnxruntime-node': dependencies['onnxruntime-node'],
      tokenizers: dependencies['tokenizers'],
    });
  });
});

describe('the native packages of a checkout', () => {
  it.each(['onnxruntime-node', 'tokenizers'] as const)('are the official ones: %s', (name) => {
    expect(findNative(name)).toEqual({ folder: path.join(ROOT, 'node_modules', name), engine: undefined });
    expect(Object.keys(loadNative(name) as object).length).toBeGreaterThan(3);
  });
});

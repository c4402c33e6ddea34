import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

import { describe, expect, it } from 'vitest';

import { LIBRARY_FOLDERS } from '../../scripts/image/runtime-layer.js';
import { elfNeeds, missingVersions, sharedLibraries } from '../../scripts/image/shared-libraries.js';

// Where the tools are that read binaries, and Debian's folders.
const FOLDER = LIBRARY_FOLDERS[process.arch] ?? '';
const isDebian =
  process.platform === 'linux' && existsSync('/usr/bin/readelf') && existsSync(path.join(FOLDER, 'libc.so.6'));

function find(soname: string): string {
  return path.join(FOLDER, soname);
}

describe.runIf(isDebian)('the libraries of a binary', () => {
  it('are all that the system gives to Node, and give every version that is asked for', () => {
    const libraries = sharedLibraries([process.execPath], find);
    expect([...libraries.keys()]).toEqual(expect.arrayContaining(['libc.so.6', 'libm.so.6', 'libstdc++.so.6']));
    expect(elfNeeds(process.execPath).interpreter).toMatch(/^\/lib/);
    expect(missingVersions([process.execPath, ...libraries.values()], libraries)).toEqual([]);
  });

  it('are refused where one is missing, or is another than it should be', () => {
    expect(() => sharedLibraries([process.execPath], () => undefined)).toThrow(/needs .+, which is not there/);
    const wrong = new Map([['libc.so.6', find('libm.so.6')]]);
    expect(missingVersions([find('libstdc++.so.6')], wrong)).toContainEqual(
      expect.stringMatching(/: libc\.so\.6 GLIBC_/),
    );
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** What a program or library says that it needs. */
export interface ElfNeeds {
  /** Names of libraries (sonames). */
  readonly libraries: readonly string[];
  /** What loads the program; undefined for a library. */
  readonly interpreter: string | undefined;
  /** The processor, as readelf names it: 'Advanced Micro Devices X86-64', 'AArch64'. */
  readonly machine: string;
}

/** What a binary of any architecture needs. Throws where readelf is missing or refuses the file. */
export function elfNeeds(file: string): ElfNeeds {
  const text = readelf(['--file-header', '--dynamic', '--program-headers'], file);
  return {
    libraries: [...text.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map((match) => match[1] ?? ''),
    interpreter: /program interpreter: (.+?)\]/.exec(text)?.[1],
    machine: /^\s*Machine:\s+(.+)$/m.exec(text)?.[1]?.trim() ?? 'an unknown processor',
  };
}

function readelf(options: readonly string[], file: string): string {
  const { status, stdout, stderr, error } = spawnSync('readelf', ['--wide', ...options, file], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    // The table of symbols of Node alone is beyond the default.
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`readelf ${file}: ${error?.message ?? stderr}`);
  return stdout;
}

/**
 * The libraries of the system that binaries need, and those that these need, by soname; libraries beside a binary are its own.
 * `find` gives the file of a soname. Throws if one is nowhere.
 */
export function sharedLibraries(
  binaries: readonly string[],
  find: (soname: string) => string | undefined,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (file: string, isOwn: (soname: string) => boolean): void => {
    for (const soname of elfNeeds(file).libraries) {
      if (found.has(soname) || isOwn(soname)) continue;
      const library = find(soname);
      if (library === undefined) throw new Error(`${file} needs ${soname}, which is not there.`);
      found.set(soname, library);
      visit(library, () => false);
    }
  };
  for (const file of binaries) visit(file, (soname) => existsSync(path.join(path.dirname(file), soname)));
  return new Map([...found].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/**
 * Versions of symbols (such as GLIBC_2.34) that binaries ask a library for and that it does not define, as `FILE: SONAME VERSION`. Asked of a
 * library that is not among `libraries`, which is a binary's own, they are not looked at.
 */
export function missingVersions(binaries: readonly string[], libraries: ReadonlyMap<string, string>): string[] {
  const defined = new Map(
    [...libraries].map(([soname, file]) => {
      const sections = readelf(['--version-info'], file).split(/^Version needs section/m);
      return [soname, new Set([...(sections[0] ?? '').matchAll(/Name: (\S+)/g)].map((match) => match[1]))];
    }),
  );
  return binaries.flatMap((file) => {
    const needs = readelf(['--version-info'], file).split(/^Version needs section/m)[1] ?? '';
    const missing: string[] = [];
    let soname = '';
    for (const [, library, version] of needs.matchAll(/File: (\S+)|Name: (\S+)/g)) {
      soname = library ?? soname;
      if (version !== undefined && defined.get(soname)?.has(version) === false)
        missing.push(`${file}: ${soname} ${version}`);
    }
    return missing;
  });
}

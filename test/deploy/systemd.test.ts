import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';

import { readDeploy } from './support/deploy-file.js';
import { expectVariables, secondsToEnd } from './support/serve-variables.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const unit = directives(readDeploy('systemd/isovec.service'));

/** The values of each directive. */
function directives(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

/** Assignments of a file or directive, those of comments too: they are there to be used. */
function variablesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(?:^|\s)([A-Z][A-Z_]+)=(\S+)/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

const own = variablesOf(unit.get('Environment')?.join(' ') ?? '');
const file = variablesOf(readDeploy('systemd/isovec.env'));

describe('isovec.service', () => {
  it('sets what isovec serve reads, to values that it takes', () => {
    expect(Object.keys(file).length).toBeGreaterThan(5);
    expectVariables(own);
    expectVariables(file);
    expect(unit.get('EnvironmentFile')).toEqual(['/etc/isovec/isovec.env']);
  });

  it('starts a file of the package, by a command that is there', () => {
    const [start = ''] = unit.get('ExecStart') ?? [];
    const [, program = '', command = ''] =
      /^\/usr\/bin\/node \/opt\/isovec\/node_modules\/isovec\/(\S+) (\S+)$/.exec(start) ?? [];
    expect(existsSync(path.join(ROOT, program)), program).toBe(true);
    const { status, stdout } = spawnSync(process.execPath, [path.join(ROOT, program), command, '--help'], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([0, expect.stringContaining('Usage: isovec serve')]);
  });

  it('is given time to end, and keeps its key and its data where systemd puts them', () => {
    expect(Number(unit.get('TimeoutStopSec')?.[0])).toBeGreaterThanOrEqual(secondsToEnd(own));
    const [credential = ''] = unit.get('LoadCredential') ?? [];
    expect(own['ISOVEC_API_KEY_FILE']).toBe(`%d/${credential.split(':')[0] ?? ''}`);
    expect(own['ISOVEC_HOME']).toBe(`%C/${unit.get('CacheDirectory')?.[0] ?? ''}`);
    expect(own['ISOVEC_MEMORY']).toBe(`%S/${unit.get('StateDirectory')?.[0] ?? ''}/memory.db`);
  });

  it('lets V8 make machine code, and little else', () => {
    expect(unit.get('MemoryDenyWriteExecute')).toEqual(['no']);
    for (const name of [
      'DynamicUser',
      'NoNewPrivileges',
      'PrivateTmp',
      'PrivateUsers',
      'ProtectHome',
      'LockPersonality',
    ]) {
      expect([name, unit.get(name)]).toEqual([name, ['yes']]);
    }
    expect([unit.get('ProtectSystem'), unit.get('CapabilityBoundingSet')]).toEqual([['strict'], ['']]);
  });
});

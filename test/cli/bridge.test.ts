import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { finished, run, start, temporaryFolder, tinyModel } from './command-line.js';

const PING = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: {} })}\n`;

describe('isovec bridge', () => {
  it('doctor says what is there, what is missing, and what to run', async () => {
    await using home = await temporaryFolder();
    const environment = { ISOVEC_HOME: home.path };
    const { code, text } = await run(['bridge', 'doctor', '--python', '/nowhere/python'], { environment });
    expect(code).toBe(1);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('There is no Python at /nowhere/python');
    expect(text.replaceAll(/\s+/g, ' ')).toContain('isovec bridge install --backend onnx');
    const json = await run(['bridge', 'doctor', '--json'], { environment });
    const { findings } = JSON.parse(json.text) as { findings: { name: string; detail: string }[] };
    expect(findings.map(({ name }) => name)).toEqual(['bridge, torch', 'bridge, onnx']);
    expect(findings[0]?.detail).toMatch(/Python 3\.\d+/);
  });

  it('run speaks the wire on this terminal', async () => {
    const { code, text } = await run(['bridge', 'run'], { input: PING });
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ id: 1, result: { pong: true } });
  });

  it('run says what kept Python from starting, or that it was interrupted', async () => {
    await using home = await temporaryFolder();
    const forbidden = path.join(home.path, 'forbidden');
    await writeFile(forbidden, '#!/bin/sh\n', { mode: 0o644 });
    for (const [python, status, reason] of [
      ['/nowhere/python', 4, 'There is no Python at /nowhere/python'],
      [forbidden, 4, 'There is no Python that may be run at'],
      [path.join(forbidden, 'python'), 1, 'Python cannot be started at'],
    ] as const) {
      const { code, stderr } = await run(['bridge', 'run', '--python', python]);
      expect(code).toBe(status);
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(reason);
    }
    const child = start(['bridge', 'run', '--json']);
    const end = finished(child);
    child.stdin.write(PING);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const { code, stderr } = await end;
    expect(code).toBe(130);
    expect(stderr).toContain('ABORTED');
  });

  it('install fails with what went wrong, and leaves nothing that is found later', async () => {
    await using home = await temporaryFolder();
    const environment = { ISOVEC_HOME: home.path, PATH: '/nowhere' };
    const missing = await run(['bridge', 'install', '--python', '/nowhere/python'], { environment });
    expect(missing.code).not.toBe(0);
    expect(missing.stderr).toContain('There is no Python at /nowhere/python');
    const broken = path.join(home.path, 'broken');
    await writeFile(broken, '#!/bin/sh\necho no venv here >&2\nexit 3\n', { mode: 0o755 });
    const failed = await run(['bridge', 'install', '--python', broken, '--backend', 'onnx'], { environment });
    expect(failed.stderr).toContain('no venv here');
    expect(existsSync(path.join(home.path, 'bridge/onnx/isovec-complete'))).toBe(false);
  });
});

it('a command says who computes, and why', async () => {
  await using home = await temporaryFolder();
  const options = { environment: { ISOVEC_HOME: home.path } };
  const { folder } = tinyModel('distilbert');
  const flags = ['similarity', '--model', folder, 'a', 'b'];
  const { code, text, stderr } = await run([...flags, '--provider', 'python/echo'], options);
  expect(code).toBe(0);
  expect(text).toContain('1.000');
  expect(stderr).toContain('provider: python/echo (cpu)');
  const failed = await run([...flags, '--python', '/nowhere/python'], options);
  expect(failed.code).toBe(4);
  expect(failed.stderr).toContain('isovec bridge install');
});

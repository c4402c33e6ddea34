import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { run, temporaryFolder, tinyModel } from './command-line.js';

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
    const ping = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: {} })}\n`;
    const { code, text } = await run(['bridge', 'run'], { input: ping });
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ id: 1, result: { pong: true } });
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

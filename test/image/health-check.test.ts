import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';

import { expect, it } from 'vitest';

const SCRIPT = path.resolve(import.meta.dirname, '../../deploy/health-check.mjs');

async function check(port: number): Promise<unknown> {
  const child = spawn(process.execPath, [SCRIPT], { env: { ISOVEC_PORT: String(port) }, stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as unknown[];
  return code;
}

it.each([
  [200, 0],
  [503, 1],
])('the health check of a server that answers %i ends with %i', async (status, expected) => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    expect(await check((server.address() as AddressInfo).port)).toBe(expected);
    expect(asked).toEqual(['/health/ready']);
  } finally {
    server.close();
  }
});

it('the health check ends with 1 where nothing listens', async () => {
  expect(await check(1)).toBe(1);
});

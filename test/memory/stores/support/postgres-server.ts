import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import pg from 'pg';

/** The password of the tests' server; no message may hold it. */
export const PASSWORD = 'swordfish';
/** Of `nobody`, where there is no user `postgres`. */
const NOBODY = { uid: 65534, gid: 65534 };

/** A PostgreSQL server of its own, with data in a temporary folder and a port on the loopback address. */
export class PostgresServer {
  readonly port: number;
  readonly #programs: string;
  readonly #folder: string;
  readonly #identity: { readonly uid?: number; readonly gid?: number };
  #child: ChildProcess | undefined;

  private constructor(programs: string, folder: string, port: number) {
    this.#programs = programs;
    this.#folder = folder;
    this.port = port;
    this.#identity = serverIdentity();
    // Whatever ends this process ends the server, too.
    process.once('exit', () => this.#child?.kill('SIGQUIT'));
  }

  /** Makes and starts a server with the extension in its database `postgres`. */
  static async create(programs: string): Promise<PostgresServer> {
    const server = new PostgresServer(
      programs,
      await mkdtemp(path.join(tmpdir(), 'isovec-postgres-')),
      await freePort(),
    );
    const { uid, gid } = server.#identity;
    const passwordFile = path.join(server.#folder, 'password');
    await writeFile(passwordFile, PASSWORD);
    if (uid !== undefined && gid !== undefined) {
      for (const owned of [server.#folder, passwordFile]) await chown(owned, uid, gid);
    }
    const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    await server.#run('initdb', ['-D', server.#data, ...access, '-E', 'UTF8', '--locale=C', '--no-sync']);
    await server.start();
    await server.ask('CREATE EXTENSION vector');
    return server;
  }

  /** Of a database of the server. */
  url(database = 'postgres'): string {
    return `postgresql://postgres:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts the server, which must have been stopped; resolves when it takes connections. */
  async start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', `port=${this.port}`, 'unix_socket_directories=', 'fsync=off'];
    const child = spawn(
      path.join(this.#programs, 'postgres'),
      ['-D', this.#data, ...settings.flatMap((setting) => ['-c', setting])],
      { ...this.#identity, cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (said.length < 10_000) said += text;
        if (said.includes('ready to accept connections')) resolve();
      });
      child.once('error', reject);
      child.once('close', () => {
        reject(new Error(`PostgreSQL ended: ${said}`));
      });
    });
  }

  /** Stops the server: SIGINT ends connections in order, SIGQUIT as a crash would. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop('SIGQUIT');
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Runs statements as the superuser. */
  async ask(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** What `pg_dump` writes of one schema, as statements: newer ones begin and end with commands of psql. */
  async dump(schema: string): Promise<string> {
    const { stdout } = await promisify(execFile)(
      path.join(this.#programs, 'pg_dump'),
      [`--schema=${schema}`, '--inserts', '--no-owner', this.url()],
      { maxBuffer: 2 ** 28 },
    );
    return stdout.replace(/^\\.*$/gm, '');
  }

  get #data(): string {
    return path.join(this.#folder, 'data');
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const child = spawn(path.join(this.#programs, program), args, {
      ...this.#identity,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}`);
  }
}

/** A server refuses to run as root. */
function serverIdentity(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return NOBODY;
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

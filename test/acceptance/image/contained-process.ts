import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Readable } from 'node:stream';

import { IMAGE_USER } from '../../../scripts/image/image-contents.js';

/** A file system made of an image, and how a process of it is run. */
export interface Container {
  /** Folder of the unpacked layers. */
  readonly root: string;
  /** As the image says it, `NAME=value`. */
  readonly environment: readonly string[];
  /** Folders of this machine that stand for volumes, by their place; the container can only read them. */
  readonly volumes?: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A process of an image: user 65532 without capabilities, process 1 of namespaces of its own (processes, mounts, users, IPC, host
 * name), on a root that can only be read, with memory file systems for what is to be written. It shares the network with this
 * machine, so that a client reaches it. bubblewrap is what makes it; it starts and ends the process with itself.
 */
export class ContainedProcess {
  readonly #wrapper: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor({ root, environment, volumes = {} }: Container, command: readonly string[]) {
    const variables = environment.flatMap((one) => {
      const at = one.indexOf('=');
      return ['--setenv', one.slice(0, at), one.slice(at + 1)];
    });
    const mounts = Object.entries(volumes).flatMap(([place, folder]) => ['--ro-bind', folder, place]);
    const user = String(IMAGE_USER);
    const options = ['--ro-bind', root, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'];
    options.push('--tmpfs', '/var/lib/isovec', ...mounts, '--unshare-all', '--share-net', '--uid', user, '--gid', user);
    options.push('--cap-drop', 'ALL', '--as-pid-1', '--die-with-parent', '--clearenv', ...variables);
    // Root becomes the image's user before anything else, so that permissions are those that a container meets.
    const identity = process.getuid?.() === 0 ? { uid: IMAGE_USER, gid: IMAGE_USER } : {};
    this.#wrapper = spawn('bwrap', [...options, '--', ...command], { stdio: ['ignore', 'pipe', 'pipe'], ...identity });
    this.#wrapper.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#wrapper.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = this.#end();
  }

  async #end(): Promise<Ended> {
    const [code] = (await once(this.#wrapper, 'close')) as [number | null];
    return { code, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** The first line of standard output. Rejects with what the process said if it ends before. */
  async firstLine(): Promise<string> {
    while (!this.#stdout.includes('\n')) {
      const ended = await Promise.race([once(this.#wrapper.stdout, 'data').then(() => undefined), this.ended]);
      if (ended !== undefined) throw new Error(`ended with ${ended.code} before it was ready: ${ended.stderr}`);
    }
    return this.#stdout.slice(0, this.#stdout.indexOf('\n'));
  }

  /** The process itself, as this machine numbers it: the only child of bubblewrap. */
  get pid(): number {
    const { pid } = this.#wrapper;
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
    if (!Number.isSafeInteger(child) || child <= 0) throw new Error('The process is not there.');
    return child;
  }

  /** Resident memory in bytes: now, and the most so far. */
  memory(): { readonly now: number; readonly most: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const bytes = (field: string): number =>
      1024 * Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    return { now: bytes('VmRSS'), most: bytes('VmHWM') };
  }

  /** Milliseconds of processor time so far, of all threads. */
  processorTime(): number {
    const [, fields = ''] = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ');
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    // In ticks of a hundredth of a second, which is what Linux tells programs whatever its own are.
    return 10 * ((user ?? Number.NaN) + (system ?? Number.NaN));
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }
}

/** Runs a command of an image to its end. */
export function runContained(container: Container, command: readonly string[]): Promise<Ended> {
  return new ContainedProcess(container, command).ended;
}

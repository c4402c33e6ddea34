import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the Python children of a process that are alive. Linux alone tells. */
export function bridgeChildren(parent: number): number[] {
  return processes().flatMap(({ pid, ppid }) => (ppid === parent && isBridge(pid) ? [pid] : []));
}

/** Whether a process is there and has not ended. */
export function isAlive(pid: number): boolean {
  return processes().some((one) => one.pid === pid);
}

function processes(): { readonly pid: number; readonly ppid: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // The name in brackets may hold spaces.
      const [state, ppid] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return state === 'Z' ? [] : [{ pid: Number(name), ppid: Number(ppid) }];
    } catch {
      return [];
    }
  });
}

function isBridge(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('isovec_bridge');
  } catch {
    return false;
  }
}

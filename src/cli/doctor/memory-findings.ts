import { toIsovecError } from '../../shared/isovec-error.js';
import type { CommandContext } from '../command-context.js';
import type { StoreFlags } from '../memory/memory-flags.js';
import { storePlaceOf } from '../memory/store-place.js';
import { openStored } from '../memory/use-memory.js';
import { formatBytes } from '../text/format-bytes.js';
import { formatCount } from '../text/format-count.js';
import type { DoctorFinding } from './finding.js';
import { hideCredentials } from './hide-credentials.js';

const NEEDED_BY = 'Only isovec memory, isovec mcp and isovec serve --with-memory need it.';

/** Where memories are kept: whether what is there can be opened, as every command opens it, and how much it holds. */
export async function memoryFindings(flags: StoreFlags, context: CommandContext): Promise<DoctorFinding[]> {
  const name = 'memory store';
  try {
    const place = storePlaceOf(flags, context);
    const store = await openStored(place, true);
    const at = hideCredentials(flags.qdrant === undefined ? place.name : `${place.name}, ${flags.qdrant}`);
    if (store === undefined) return [{ name, status: 'ok', detail: `${at}: nothing is remembered yet` }];
    try {
      const { records, bytes, undelivered = 0 } = await store.status();
      const size = bytes === undefined ? '' : `, ${formatBytes(bytes)}`;
      const detail = `${at}: ${formatCount(records)} ${records === 1 ? 'memory' : 'memories'}${size}, ${store.space.model} ${store.space.weightDtype}`;
      if (undelivered === 0) return [{ name, status: 'ok', detail }];
      const wayOut =
        'Whatever searches or changes the memory next sends them; isovec memory reconcile compares both sides.';
      return [{ name, status: 'warn', detail: `${detail}; Qdrant lacks ${formatCount(undelivered)}`, wayOut }];
    } finally {
      await store.close();
    }
  } catch (error) {
    return [{ name, status: 'warn', detail: hideCredentials(toIsovecError(error).message), wayOut: NEEDED_BY }];
  }
}

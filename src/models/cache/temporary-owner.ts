import { createHash } from 'node:crypto';

import { encodeName } from './encode-name.js';
import { isGone, ownIdentity, type ProcessIdentity } from './process-identity.js';

/** Says whose a temporary name is: host, where process ids mean something, process id and start of the process. */
const OWNED_NAME = /^(.+)-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]+$/;

/** What temporary names of this process begin with; a hyphen and digits of chance follow. */
export function temporaryOwner(): string {
  const { pid, startTicks } = ownIdentity();
  return `${hostPart()}-${spacePart()}-${pid}-${startTicks ?? '0'}`;
}

/** What is known of the process that gave a temporary name: 'unknown' is one of another host or an earlier boot. */
export function temporaryState(name: string): 'alive' | 'gone' | 'unknown' {
  const [, host, space, pid, startTicks] = OWNED_NAME.exec(name) ?? [];
  if (host !== hostPart() || space !== spacePart()) return 'unknown';
  const own = ownIdentity();
  const identity: ProcessIdentity = {
    pid: Number(pid),
    host: own.host,
    processStarted: own.processStarted,
    ...(own.space === undefined ? {} : { space: own.space }),
    // Without ticks only the id is compared, as on systems that tell no start.
    ...(startTicks === undefined || startTicks === '0' ? {} : { startTicks }),
  };
  return isGone(identity) ? 'gone' : 'alive';
}

function hostPart(): string {
  return encodeName(ownIdentity().host);
}

function spacePart(): string {
  return createHash('sha256')
    .update(ownIdentity().space ?? '')
    .digest('hex')
    .slice(0, 8);
}

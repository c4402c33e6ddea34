import type { onRequestHookHandler } from 'fastify';
import { isLoopbackUrl } from '../is-loopback.js';
import { refused } from './refused.js';

/**
 * Refuses requests to this machine by a name that is not its own: a page of another site whose name comes to resolve to this
 * machine (DNS rebinding, CWE-350) must not read what is kept here. A server with keys needs no such rule.
 */
export const refuseOtherNames: onRequestHookHandler = ({ headers }, _reply, done) => {
  if (isLoopbackUrl(`http://${headers.host ?? ''}`)) done();
  else {
    const message =
      'Without keys the memory answers to names of this machine alone, such as 127.0.0.1 and localhost. Start the server with keys.';
    done(refused(403, message));
  }
};

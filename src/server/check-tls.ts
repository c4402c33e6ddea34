import { createSecureContext } from 'node:tls';
import { errorMessage, IsovecError } from '../shared/isovec-error.js';

/** Certificate chain and private key, as PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** CONFIG_INVALID for texts that are no certificate and its key. */
export function checkTls(tls: TlsFiles): void {
  try {
    createSecureContext(tls);
  } catch (cause) {
    const message = `The certificate and the private key do not go together, or are none: ${errorMessage(cause)}.`;
    throw new IsovecError('CONFIG_INVALID', message, { cause, data: { option: 'tls' } });
  }
}

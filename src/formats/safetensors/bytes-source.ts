import { IsovecError } from '../../shared/isovec-error.js';
import type { ByteSource } from '../byte-source.js';

/** Bytes in memory as a {@link ByteSource}; reads return views, and reject with FORMAT_INVALID beyond the end. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    read: (begin, end) => {
      if (begin < 0 || end < begin || end > bytes.byteLength) {
        const message = `${name} holds ${bytes.byteLength} bytes; bytes ${begin} to ${end} were asked for.`;
        return Promise.reject(new IsovecError('FORMAT_INVALID', message, { data: { file: name } }));
      }
      return Promise.resolve(bytes.subarray(begin, end));
    },
  };
}

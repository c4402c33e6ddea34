import { bytesSource } from '#src/formats/safetensors/bytes-source.js';
import { readSafetensorsHeader, type SafetensorsHeader } from '#src/formats/safetensors/read-safetensors-header.js';

/** A file from the text of its header and its data, without any check; `declaredLength` replaces the header length. */
export function rawFile(header: string | Uint8Array, data = 0, declaredLength?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + text.byteLength + data);
  new DataView(file.buffer).setBigUint64(0, declaredLength ?? BigInt(text.byteLength), true);
  file.set(text, 8);
  return file;
}

/** Reads the header of a file in memory that messages call `weights.safetensors`. */
export function readRaw(file: Uint8Array): Promise<SafetensorsHeader> {
  return readSafetensorsHeader(bytesSource('weights.safetensors', file));
}

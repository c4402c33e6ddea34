const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Little-endian elements as bytes that a typed array of the host can look at: a view of the input if it is aligned to
 * the element size, else a copy. Hosts of the other byte order get a swapped copy. All file formats here store
 * little-endian; `elementSize` is 1, 2, 4 or 8.
 */
export function hostBytes(bytes: Uint8Array, elementSize: number): Uint8Array {
  if (elementSize > 1 && !HOST_IS_LITTLE_ENDIAN) return swapElements(bytes, elementSize);
  // `new Uint8Array` copies even for a Buffer, whose own slice() would return a view.
  return bytes.byteOffset % elementSize === 0 ? bytes : new Uint8Array(bytes);
}

/** The bytes of a typed array in little-endian order: a view where the host stores them that way. */
export function littleEndianBytes(values: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number }): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return values.BYTES_PER_ELEMENT > 1 && !HOST_IS_LITTLE_ENDIAN ? swapElements(bytes, values.BYTES_PER_ELEMENT) : bytes;
}

/** A copy with the byte order of every element reversed. */
export function swapElements(bytes: Uint8Array, elementSize: number): Uint8Array {
  const swapped = new Uint8Array(bytes);
  for (let begin = 0; begin + elementSize <= swapped.byteLength; begin += elementSize) {
    swapped.subarray(begin, begin + elementSize).reverse();
  }
  return swapped;
}

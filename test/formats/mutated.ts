import fc from 'fast-check';

/** One change of a file, at places given as fractions of its length. */
type Change = (bytes: Uint8Array) => Uint8Array;

/** Bytes that occur in JSON, numbers and protobuf tags more often than chance would give. */
const interesting = fc.constantFrom(
  0,
  1,
  0x20,
  0x22,
  0x2c,
  0x2d,
  0x30,
  0x31,
  0x39,
  0x5b,
  0x5d,
  0x7b,
  0x7d,
  0x7f,
  0x80,
  0xff,
);
const byte = fc.oneof(interesting, fc.nat(255));
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, byte).map(([at, value]): Change => (bytes) => {
    const copy = Uint8Array.from(bytes);
    if (copy.byteLength > 0) copy[Math.floor(at * copy.byteLength)] = value;
    return copy;
  }),
  fc.tuple(place, fc.nat(7)).map(([at, bit]): Change => (bytes) => {
    const copy = Uint8Array.from(bytes);
    const index = Math.floor(at * copy.byteLength);
    if (copy.byteLength > 0) copy[index] = (copy[index] ?? 0) ^ (1 << bit);
    return copy;
  }),
  fc.tuple(place, byte).map(
    ([at, value]): Change =>
      (bytes) =>
        splice(bytes, at, 0, [value]),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 12 })).map(
    ([at, count]): Change =>
      (bytes) =>
        splice(bytes, at, count, []),
  ),
  fc.tuple(place, place, fc.integer({ min: 1, max: 40 })).map(([from, to, count]): Change => (bytes) => {
    const begin = Math.floor(from * bytes.byteLength);
    return splice(bytes, to, 0, bytes.subarray(begin, begin + count));
  }),
  place.map(
    (at): Change =>
      (bytes) =>
        bytes.slice(0, Math.floor(at * bytes.byteLength)),
  ),
);

function splice(bytes: Uint8Array, at: number, remove: number, insert: Iterable<number>): Uint8Array {
  const index = Math.floor(at * bytes.byteLength);
  return Uint8Array.from([...bytes.subarray(0, index), ...insert, ...bytes.subarray(index + remove)]);
}

/** The file after one to three changes: overwritten, flipped, inserted, removed, repeated or cut bytes. */
export function mutated(file: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<Uint8Array>((bytes, apply) => apply(bytes), file));
}

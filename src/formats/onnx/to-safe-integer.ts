/** A 64-bit integer of a protobuf message as a number, or undefined if a number cannot hold it exactly. */
export function toSafeInteger(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Whether a place of memories is the address of a PostgreSQL database, rather than a file. */
export function isDatabaseAddress(place: string): boolean {
  return /^postgres(ql)?:\/\//i.test(place);
}

/** Random access to bytes that need not be in memory: a file, a range of a file, an array. */
export interface ByteSource {
  /** How messages name the source, usually a file name. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /** The bytes from `begin` (inclusive) to `end` (exclusive). Rejects if fewer are there. */
  read(begin: number, end: number): Promise<Uint8Array>;
}

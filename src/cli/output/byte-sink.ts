/** Where the bytes of a result go. */
export interface ByteSink {
  write(data: string | Uint8Array): Promise<void>;
}

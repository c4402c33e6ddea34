/** A name for one path component; what file systems treat specially is percent-encoded. */
export function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/[*'()!~]/g, (unit) => `%${unit.charCodeAt(0).toString(16)}`);
}

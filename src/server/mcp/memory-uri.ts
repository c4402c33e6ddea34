/** The resource that holds a memory. */
export function memoryUri(id: string): string {
  return `memory://record/${encodeURIComponent(id)}`;
}

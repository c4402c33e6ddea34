/** Addresses of the resources that hold memories; `{id}` is percent-encoded. */
export const MEMORY_TEMPLATE = 'memory://record/{id}';

/** The resource that holds a memory. */
export function memoryUri(id: string): string {
  return MEMORY_TEMPLATE.replace('{id}', () => encodeURIComponent(id));
}

import type { JsonSchema, NamedSchemas } from './api-document.js';

/** What comes before a name in a reference. */
const PREFIX = '#/components/schemas/';

/** The name that a reference leads to. */
export function referenceName(reference: string): string {
  return reference.startsWith(PREFIX) ? reference.slice(PREFIX.length) : reference;
}

/** A schema itself instead of a reference to it; what is said beside a reference goes before what it leads to. */
export function resolved(schema: JsonSchema, named: NamedSchemas): JsonSchema {
  const seen = new Set<string>();
  let current = schema;
  while (current.$ref !== undefined && !seen.has(current.$ref)) {
    seen.add(current.$ref);
    const { $ref, ...beside } = current;
    current = { ...named[referenceName($ref)], ...beside };
  }
  return current;
}

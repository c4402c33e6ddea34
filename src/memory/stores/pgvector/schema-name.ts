import { IsovecError } from '../../../shared/isovec-error.js';

/** What PostgreSQL keeps of a name; the rest it would cut off silently, and two schemas would be one. */
const NAME_BYTES = 63;
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/**
 * The name of a schema as it is written in statements. CONFIG_INVALID for one that is not made of letters, digits, `_` and `-`,
 * that is longer than 63 letters or reserved by PostgreSQL.
 */
export function quotedSchema(name: string): string {
  if (NAME.test(name) && name.length <= NAME_BYTES && !/^pg_/i.test(name)) return quoted(name);
  throw new IsovecError(
    'CONFIG_INVALID',
    `A schema cannot be called ${JSON.stringify(name)}: up to ${NAME_BYTES} letters, digits, _ and -, and not pg_ at the beginning.`,
    { data: { option: 'schema' } },
  );
}

/** Any name as an identifier: what stands inside cannot end it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

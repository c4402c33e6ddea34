import type { JSX } from 'preact';
import type { NamedSchemas, Parameter } from './api-document.js';
import { RowTable } from './row-table.js';
import { limitsOf, typeOf } from './schema-words.js';
import { resolved } from './resolved.js';

interface Properties {
  readonly parameters: readonly Parameter[];
  readonly named: NamedSchemas;
  readonly label: string;
}

/** Headers and parts of an address. */
export function ParameterTable({ parameters, named, label }: Properties): JSX.Element {
  const rows = parameters.map(({ name, in: place, required, description, schema = {} }) => {
    const whole = resolved(schema, named);
    return {
      name,
      type: `${typeOf(schema, named)}, ${place}`,
      required: required === true,
      default: whole.default === undefined ? undefined : JSON.stringify(whole.default),
      limits: limitsOf(whole),
      description: description ?? whole.description,
    };
  });
  return <RowTable rows={rows} label={label} />;
}

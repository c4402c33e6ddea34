import type { JSX } from 'preact';
import type { SchemaRow } from './schema-rows.js';

interface Properties {
  readonly rows: readonly SchemaRow[];
  readonly label: string;
}

/** Values, one a row: its name and type, and what is said of it. */
export function RowTable({ rows, label }: Properties): JSX.Element {
  return (
    <table class="fields" aria-label={label}>
      <thead class="sr-only">
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, type, required, default: standard, limits, description }, index) => (
          <tr key={index}>
            <th scope="row">
              <code>{name}</code>
              {required && <span class="required"> required</span>}
            </th>
            <td>
              <code>{type}</code>
            </td>
            <td>
              {description}
              {limits.length > 0 && <span class="note"> {limits.join(', ')}.</span>}
              {standard !== undefined && (
                <span class="note">
                  {' '}
                  Default: <code>{standard}</code>
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

import type { JSX } from 'preact';
import type { JsonSchema, NamedSchemas } from './api-document.js';
import { RowTable } from './row-table.js';
import { shapesOf } from './schema-rows.js';

interface Properties {
  readonly schema: JsonSchema;
  readonly named: NamedSchemas;
  readonly label: string;
}

/** A body: its shape, or the shapes that it may have. */
export function ShapeList({ schema, named, label }: Properties): JSX.Element {
  const shapes = shapesOf(schema, named);
  return (
    <>
      {shapes.map(({ type, description, limits, rows, examples }, index) => (
        <div class="shape" key={index}>
          <p>
            {shapes.length > 1 && <span class="note">{index === 0 ? 'Either ' : 'or '}</span>}
            <code>{type}</code>
            {description !== undefined && ` ${description}`}
            {limits.length > 0 && <span class="note"> {limits.join(', ')}.</span>}
          </p>
          {rows.length > 0 && <RowTable rows={rows} label={index > 0 ? `${label}, ${index + 1}` : label} />}
          {examples.map((example, at) => (
            <p class="note example" key={at}>
              Example: <code>{JSON.stringify(example)}</code>
            </p>
          ))}
        </div>
      ))}
    </>
  );
}

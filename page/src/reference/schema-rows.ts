import type { JsonSchema, NamedSchemas } from './api-document.js';
import { limitsOf, typeOf } from './schema-words.js';
import { resolved } from './resolved.js';

/** A value in an object, at whatever depth. */
export interface SchemaRow {
  /** The way to it: `usage.total_tokens`, `data[].index`; `*` is any name. */
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** As JSON. */
  readonly default: string | undefined;
  readonly limits: readonly string[];
  readonly description: string | undefined;
}

/** One of the shapes that a body may have. */
export interface Shape {
  readonly type: string;
  readonly description: string | undefined;
  readonly limits: readonly string[];
  readonly rows: readonly SchemaRow[];
  readonly examples: readonly unknown[];
}

/** The shapes of a body: alternatives that hold objects are told apart, others are a matter of the type. */
export function shapesOf(schema: JsonSchema, named: NamedSchemas): readonly Shape[] {
  const whole = resolved(schema, named);
  const options = optionsOf(whole);
  const split = options.some((option) => rowsOf(option, named).length > 0);
  return (split ? options : [schema]).map((one) => {
    const { description, examples } = resolved(one, named);
    return {
      type: typeOf(one, named),
      description: description ?? whole.description,
      limits: limitsOf(resolved(one, named)),
      rows: rowsOf(one, named),
      examples: examples ?? [],
    };
  });
}

/** The values in what a schema describes, each before those within it. */
export function rowsOf(schema: JsonSchema, named: NamedSchemas): readonly SchemaRow[] {
  return within(schema, named, '', []);
}

/** `open` holds the references on the way here: a schema that holds itself is written out once. */
function within(schema: JsonSchema, named: NamedSchemas, at: string, open: readonly string[]): readonly SchemaRow[] {
  const { $ref } = schema;
  if ($ref !== undefined && open.includes($ref)) return [];
  const way = $ref === undefined ? open : [...open, $ref];
  const whole = resolved(schema, named);
  const { properties = {}, required = [], additionalProperties: others, items } = whole;
  return [
    ...Object.entries(properties).flatMap(([key, value]) => {
      const name = at === '' ? key : `${at}.${key}`;
      return [rowOf(name, value, required.includes(key), named), ...within(value, named, name, way)];
    }),
    ...(typeof others === 'object' ? within(others, named, at === '' ? '*' : `${at}.*`, way) : []),
    ...(items === undefined ? [] : within(items, named, `${at}[]`, way)),
    ...optionsOf(whole).flatMap((option) => within(option, named, at, way)),
  ];
}

function rowOf(name: string, schema: JsonSchema, required: boolean, named: NamedSchemas): SchemaRow {
  const whole = resolved(schema, named);
  return {
    name,
    type: typeOf(schema, named),
    required,
    default: whole.default === undefined ? undefined : JSON.stringify(whole.default),
    limits: limitsOf(whole),
    description: schema.description ?? whole.description,
  };
}

function optionsOf({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] {
  return anyOf ?? oneOf ?? [];
}

import type { JsonSchema, NamedSchemas } from './api-document.js';
import { referenceName, resolved } from './resolved.js';

/** The type of a schema in words: `string | null`, `array of integer`, `"query" | "document"`. */
export function typeOf(schema: JsonSchema, named: NamedSchemas): string {
  const whole = resolved(schema, named);
  // Objects go by their names; all else says more than its name.
  if (schema.$ref !== undefined && whole.properties !== undefined) return referenceName(schema.$ref);
  if (whole.const !== undefined) return JSON.stringify(whole.const);
  if (whole.enum !== undefined) return union(whole.enum.map((value) => JSON.stringify(value)));
  const options = whole.anyOf ?? whole.oneOf;
  if (options !== undefined) return union(options.map((option) => typeOf(option, named)));
  const { type = [] } = whole;
  const types = typeof type === 'string' ? [type] : type;
  return types.length === 0 ? 'any' : union(types.map((one) => single(one, whole, named)));
}

function single(type: string, { items, properties, additionalProperties }: JsonSchema, named: NamedSchemas): string {
  if (type === 'array' && items !== undefined) {
    const item = typeOf(items, named);
    return `array of ${item.includes(' | ') ? `(${item})` : item}`;
  }
  if (type === 'object' && properties === undefined && typeof additionalProperties === 'object') {
    const value = typeOf(additionalProperties, named);
    return value === 'any' ? 'object' : `object of ${value.includes(' | ') ? `(${value})` : value}`;
  }
  return type;
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

/** What bounds the values of a schema, in words. */
export function limitsOf(schema: JsonSchema): readonly string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  return [
    range(bounding(minimum, -Number.MAX_SAFE_INTEGER), bounding(maximum, Number.MAX_SAFE_INTEGER), ''),
    range(minLength, maxLength, 'character'),
    range(minItems, maxItems, 'item'),
  ].filter((limit) => limit !== undefined);
}

/** Every integer of JavaScript is within those two: they bound nothing. */
function bounding(limit: number | undefined, nothing: number): number | undefined {
  return limit === nothing ? undefined : limit;
}

function range(from: number | undefined, to: number | undefined, unit: string): string | undefined {
  const counted = (count: number): string => (unit === '' ? `${count}` : `${count} ${unit}${count === 1 ? '' : 's'}`);
  if (from !== undefined && to !== undefined) return from === to ? counted(from) : `${from} to ${counted(to)}`;
  if (from !== undefined) return `at least ${counted(from)}`;
  return to === undefined ? undefined : `at most ${counted(to)}`;
}

import { describe, expect, it } from 'vitest';

import type { JsonSchema } from '../../page/src/reference/api-document.js';
import { rowsOf, shapesOf } from '../../page/src/reference/schema-rows.js';
import { limitsOf, typeOf } from '../../page/src/reference/schema-words.js';

const NAMED: Record<string, JsonSchema> = {
  Usage: { type: 'object', description: 'What it cost.', properties: { tokens: { type: 'integer' } } },
  Name: { type: 'string', maxLength: 5 },
  Tree: { type: 'object', properties: { value: { type: 'number' }, children: { items: ref('Tree'), type: 'array' } } },
};

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

describe('the type of a schema', () => {
  it.each<[string, JsonSchema]>([
    ['string', { type: 'string' }],
    ['string | null', { type: ['string', 'null'] }],
    ['integer | null', { anyOf: [{ type: 'integer' }, { type: 'null' }] }],
    ['"a" | 2', { type: 'string', enum: ['a', 2] }],
    ['"list"', { type: 'string', const: 'list' }],
    ['array of array of number', { type: 'array', items: { type: 'array', items: { type: 'number' } } }],
    ['array of (string | null)', { type: 'array', items: { type: ['string', 'null'] } }],
    ['object of string', { type: 'object', additionalProperties: { type: 'string' } }],
    ['object', { type: 'object', additionalProperties: {} }],
    ['Usage | array of Tree', { oneOf: [ref('Usage'), { type: 'array', items: ref('Tree') }] }],
    ['string', ref('Name')],
    ['any', {}],
    ['any', ref('Missing')],
  ])('is %s', (words, schema) => {
    expect(typeOf(schema, NAMED)).toBe(words);
  });
});

describe('the limits of a schema', () => {
  it.each<[readonly string[], JsonSchema]>([
    [[], { minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }],
    [['at least 0'], { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }],
    [['1 to 500 characters'], { minLength: 1, maxLength: 500 }],
    [['at least 1 item'], { minItems: 1 }],
    [['2 items'], { minItems: 2, maxItems: 2 }],
    [['at most 3', 'at most 5 characters'], { maximum: 3, maxLength: 5 }],
  ])('are %j', (words, schema) => {
    expect(limitsOf(schema)).toEqual(words);
  });
});

describe('the rows of a schema', () => {
  const names = (schema: JsonSchema): string[] => rowsOf(schema, NAMED).map(({ name }) => name);

  it('say what each value is', () => {
    const schema: JsonSchema = {
      type: 'object',
      required: ['model'],
      properties: {
        model: { ...ref('Name'), description: 'Which.' },
        truncate: { type: 'boolean', default: false },
      },
    };
    expect(rowsOf(schema, NAMED)).toEqual([
      {
        name: 'model',
        type: 'string',
        required: true,
        default: undefined,
        limits: ['at most 5 characters'],
        description: 'Which.',
      },
      {
        name: 'truncate',
        type: 'boolean',
        required: false,
        default: 'false',
        limits: [],
        description: undefined,
      },
    ]);
  });

  it('lead into objects, lists, maps, alternatives and references', () => {
    expect(names({ properties: { usage: ref('Usage') } })).toEqual(['usage', 'usage.tokens']);
    expect(names({ items: { items: ref('Usage') } })).toEqual(['[][].tokens']);
    expect(names({ properties: { data: { items: ref('Usage') } } })).toEqual(['data', 'data[].tokens']);
    expect(names({ properties: { by: { additionalProperties: ref('Usage') } } })).toEqual(['by', 'by.*.tokens']);
    expect(names({ properties: { a: { anyOf: [{ type: 'null' }, ref('Usage')] } } })).toEqual(['a', 'a.tokens']);
  });

  it('end where a schema holds itself', () => {
    expect(names(ref('Tree'))).toEqual(['value', 'children']);
    expect(names({ $ref: '#/components/schemas/Missing' })).toEqual([]);
  });
});

describe('the shapes of a body', () => {
  it('are its alternatives where those hold objects, with their own examples', () => {
    const one: JsonSchema = { type: 'object', properties: { a: {} }, examples: [{ a: 1 }] };
    const shapes = shapesOf({ description: 'Both.', anyOf: [one, ref('Usage')] }, NAMED);
    expect(shapes.map(({ type, description, rows, examples }) => [type, description, rows.length, examples])).toEqual([
      ['object', 'Both.', 1, [{ a: 1 }]],
      ['Usage', 'What it cost.', 1, []],
    ]);
  });

  it('are one where the alternatives are a matter of the type', () => {
    const shapes = shapesOf({ anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }, NAMED);
    expect(shapes.map(({ type }) => type)).toEqual(['string | array of string']);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findDuplicateKey } from '#src/formats/safetensors/duplicate-key.js';

describe('found', () => {
  test.each([
    ['{"a":1,"a":2}', 'a', []],
    ['{"a":1,"\\u0061":2}', 'a', []],
    ['{"\\"":1,"\\u0022":2}', '"', []],
    ['{"":1,"":2}', '', []],
    ['{"x":{"a":1,"b":[{"c":1}],"a":2}}', 'a', ['x']],
    ['{"x":[{"a":[],"a":{}}]}', 'a', ['x']],
    ['{"__proto__":1,"__proto__":2}', '__proto__', []],
  ])('%s', (json, key, path) => {
    expect(findDuplicateKey(json)).toEqual({ key, path });
  });
});

describe('not found', () => {
  test.each([
    '{}',
    '[]',
    '"a"',
    '{"a":"a","b":"a"}',
    '{"a":{"a":1}}',
    '["a","a"]',
    '{"a":["a",{"a":1}],"b":",{\\"b\\""}',
  ])('%s', (json) => {
    expect(findDuplicateKey(json)).toBeUndefined();
  });
});

test('no value that JSON.stringify writes has a duplicate', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(findDuplicateKey(JSON.stringify(value))).toBeUndefined();
    }),
    { seed: 11 },
  );
});

test('a member that is repeated at the end of an object is found', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, noNullPrototype: true }),
      fc.nat(),
      (object, pick) => {
        const keys = Object.keys(object);
        const key = keys[pick % keys.length] ?? '';
        const json = `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(key)}:null}`;
        expect(findDuplicateKey(json)).toEqual({ key, path: [] });
      },
    ),
    { seed: 12 },
  );
});

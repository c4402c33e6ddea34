import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRowSource } from '#src/files/rows/open-row-source.js';
import type { RowSourceOptions } from '#src/files/rows/row-source.js';
import { accepted, collect, DEFAULTS, inPieces, refusals } from './row-files.js';

const name = 'rows.jsonl';
const format = 'jsonl';

function input(lines: readonly string[] | string | Buffer, sizes: readonly number[] = [100_000]) {
  const bytes = Buffer.from(typeof lines === 'string' || Buffer.isBuffer(lines) ? lines : lines.join('\n'));
  return { stream: inPieces(bytes, sizes), name, format } as const;
}

async function open(lines: readonly string[] | string, options: Partial<RowSourceOptions> = {}) {
  return openRowSource(input(lines), { ...DEFAULTS, ...options });
}

describe('a row', () => {
  it.each([
    ['{"text":"a"', 'is not valid JSON'],
    ['nonsense', 'is not valid JSON'],
    ['"text"', 'is a string'],
    ['[{"text":"a"}]', 'is an array'],
    ['null', 'is null'],
    ['{"id":1}', 'has no member "text"'],
    ['{"text":null}', 'holds null in "text", not a string'],
    ['{"text":5}', 'holds a number in "text", not a string'],
    ['{"text":["a"]}', 'holds an array in "text", not a string'],
    ['{"text":"a\\ud83d"}', 'holds half a surrogate pair in "text" at offset 1'],
    ['{"text":"a","te\\u0078t":"b"}', 'has 2 members "text"'],
    ['', 'is blank'],
    ['  ', 'is blank'],
    [`{"text":"a","x":${'['.repeat(300)}${']'.repeat(300)}}`, 'nests arrays or objects 301 levels deep; 256 are read'],
    [`{"text":"${'x'.repeat(2000)}"}`, 'is 2011 bytes long; the limit is 2000'],
  ])('%j is refused, and the next one follows', async (line, rule) => {
    const outcomes = await collect(input(['{"text":"first"}', line, '{"text":"last"}']), { maxRowBytes: 2000 });
    expect(accepted(outcomes).map(({ number, text }) => [number, text])).toEqual([
      [1, 'first'],
      [3, 'last'],
    ]);
    expect(refusals(outcomes)).toEqual([expect.stringContaining(`Row 2 of rows.jsonl ${rule}`)]);
  });

  it('that is not UTF-8 is refused with its byte offset', async () => {
    const data = Buffer.concat([Buffer.from('{"text":"a"}\n{"text":"'), Buffer.from([0xfc]), Buffer.from('"}')]);
    expect(refusals(await collect(input(data)))).toEqual([
      expect.stringContaining('Row 2 of rows.jsonl is not UTF-8 at byte 22'),
    ]);
  });

  it('never shows its text in a message', async () => {
    const lines = [
      '{"text":"secret',
      'secret',
      '{"text":secret}',
      '["secret"]',
      '{"body":"secret"}',
      '{"text":"secret\\udc00"}',
    ];
    const messages = refusals(await collect(input(['{"text":"a"}', ...lines, '{"text":"a"}'])));
    expect(messages).toHaveLength(lines.length);
    for (const message of messages) expect(message).not.toContain('secret');
  });

  it('may be a blank line only as the last one', async () => {
    expect(refusals(await collect(input('{"text":"a"}\n\n')))).toEqual([]);
    expect(refusals(await collect(input('{"text":"a"}\r\n \r\n', [1])))).toEqual([]);
    expect(refusals(await collect(input('{"text":"a"}\n\n\n')))).toEqual([expect.stringMatching(/^2 .* is blank/)]);
  });

  it('is given as it was written when every column is kept and none needs a type', async () => {
    const line = '{"id": 12345678901234567890, "text":"a\\u0062", "id":1.0,  "x":{"y":[1e3]}}';
    const [row] = accepted(await collect(input(`\ufeff${line}\r\n`), { keep: 'all' }));
    expect(row).toMatchObject({ number: 1, text: 'ab', json: line });
    const [typed] = accepted(await collect(input('{"text":"a"}'), { keep: 'all', typed: true }));
    expect(typed).not.toHaveProperty('json');
  });
});

describe('the column of the text', () => {
  it('is the one named text, or the only one of strings', async () => {
    expect((await open(['{"a":"x","text":"t"}'])).column).toBe('text');
    expect((await open(['{"id":1,"body":null}', '{"id":2,"body":"x"}'])).column).toBe('body');
    await expect(open(['{"a":"x"}', '{"a":"y","b":"z"}'])).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message:
        'rows.jsonl has no column "text", and more than one of strings; its columns are "a", "b". Name the column of the texts with --column.',
    });
    await expect(open(['{"a":1}'])).rejects.toThrow('has no column "text", and none of strings');
  });

  it('must hold strings', async () => {
    await expect(open(['{"text":1,"b":"x"}'])).rejects.toThrow(
      'Column "text" of rows.jsonl holds integers, not strings; its columns of strings are "b".',
    );
  });

  it('lists twenty columns at most', async () => {
    const members = Array.from({ length: 25 }, (_, index) => `"c${index}":${index}`);
    await expect(open([`{${members.join()}}`], { column: 'x' })).rejects.toThrow(
      /"c19" and 5 more\. Check the spelling/,
    );
  });

  it('may be named __proto__ or constructor', async () => {
    for (const column of ['__proto__', 'constructor']) {
      const rows = await collect(input([`{"${column}":"a"}`, '{}']), { column, keep: [column], typed: true });
      expect(accepted(rows)).toEqual([{ number: 1, text: 'a', values: ['a'] }]);
      expect(refusals(rows)).toEqual([expect.stringContaining(`has no member "${column}"`)]);
    }
  });
});

describe('typed columns', () => {
  const all = { keep: 'all', typed: true } as const;

  it('have the types of the first rows, in the order of first appearance', async () => {
    const source = await open(
      [
        '{"text":"a","2":true,"1":1,"f":1,"n":null}',
        '{"text":"b","f":2.5,"m":1,"n":null,"z":1.0,"o":{"a":[1]}}',
        '{"text":"c","m":"x"}',
      ],
      all,
    );
    expect(source.columns.map((column) => `${column.name} ${column.type}`)).toEqual([
      'text string',
      '2 boolean',
      '1 int64',
      'f float64',
      'n json',
      'm json',
      'z float64',
      'o json',
    ]);
    const rows: unknown[] = [];
    for await (const run of source.rows()) rows.push(...accepted(run).map(({ values }) => values));
    expect(rows).toEqual([
      ['a', true, 1n, 1, null, null, null, null],
      ['b', null, null, 2.5, null, 1, 1, { a: [1] }],
      ['c', null, null, null, null, 'x', null, null],
    ]);
  });

  it('refuse a later row that does not fit, without rounding anything', async () => {
    const first = Array.from({ length: 1000 }, () => '{"text":"a","i":1,"f":0.5,"b":true,"s":"x","j":[1]}');
    const bad: readonly (readonly [string, string])[] = [
      ['"i":1.5', 'holds a number that is no integer in column "i", which is int64 by the first rows'],
      ['"i":"1"', 'holds a string in column "i", which is int64'],
      ['"i":9007199254740992', 'holds an integer in column "i" that is beyond 2^53'],
      ['"i":-0', 'holds a number that is no integer in column "i"'],
      ['"f":9007199254740993', 'holds an integer in column "f" that is beyond 2^53'],
      ['"f":1e999', 'holds a number in column "f" that is too large for float64'],
      ['"f":[1]', 'holds an array in column "f", which is float64'],
      ['"b":1', 'holds a number in column "b", which is boolean'],
      ['"s":{}', 'holds an object in column "s", which is string'],
      ['"s":"\\udc00"', 'holds half a surrogate pair in column "s"'],
      ['"j":[{"a":9007199254740993}]', 'holds an integer in column "j" that is beyond 2^53'],
      ['"i":1,"i":2', 'has two members "i"'],
      ['"later":1', 'has a member "later" that the first rows do not have'],
    ];
    const good = ['"i":-9007199254740991', '"f":12', '"f":1e300', '"j":"9007199254740993"', '"j":1e20', '"s":null'];
    const lines = [
      ...first,
      ...bad.map(([member]) => `{"text":"a",${member}}`),
      ...good.map((member) => `{"text":"a",${member}}`),
    ];
    const outcomes = await collect(input(lines), all);
    expect(refusals(outcomes)).toEqual(bad.map(([, rule]) => expect.stringContaining(rule) as string));
    expect(
      accepted(outcomes)
        .slice(-good.length)
        .map(({ values }) => values.slice(1)),
    ).toEqual([
      [-9007199254740991n, null, null, null, null],
      [null, 12, null, null, null],
      [null, 1e300, null, null, null],
      [null, null, null, null, '9007199254740993'],
      [null, null, null, null, 1e20],
      [null, null, null, null, null],
    ]);
  });

  it('do not mind other members when columns are named', async () => {
    const lines = [...Array.from({ length: 1000 }, () => '{"text":"a","i":1}'), '{"text":"b","later":[],"i":7}'];
    const rows = accepted(await collect(input(lines), { keep: ['i'], typed: true }));
    expect(rows.at(-1)).toEqual({ number: 1001, text: 'b', values: [7n] });
  });

  it('are the same whatever the chunks', async () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `{"text":"a","v":${index < 1000 ? index : index / 2}}`);
    for (const size of [7, 1000, 1_000_000]) {
      const source = await openRowSource(input(lines, [size]), { ...DEFAULTS, ...all });
      expect(source.columns[1]).toEqual({ name: 'v', type: 'int64' });
      await source.close();
    }
  });
});

it('kept values of untyped columns are never rounded', async () => {
  const lines = ['{"text":"a","v":1.5}', '{"text":"b","v":9007199254740993}', '{"text":"c","v":"x"}'];
  const outcomes = await collect(input(lines), { keep: ['v'] });
  expect(accepted(outcomes).map(({ values }) => values)).toEqual([[1.5], ['x']]);
  expect(refusals(outcomes)).toEqual([expect.stringContaining('Row 2 of rows.jsonl holds an integer in column "v"')]);
});

it('gives any objects back, whatever the chunks', async () => {
  const object = fc.record({ text: fc.string({ unit: 'binary' }), value: fc.jsonValue({ noUnicodeString: false }) });
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(object), sizes, fc.constantFrom(0, 1), async (objects, pieces, indent) => {
      const lines = objects.map((value) => JSON.stringify(value, undefined, indent).replaceAll('\n', ' '));
      const rows = await collect(input(`${lines.join('\r\n')}\n`, pieces), { keep: 'all', column: 'text' });
      expect(rows).toEqual(
        objects.map((value, index) => ({
          number: index + 1,
          text: value.text,
          values: [value.text, JSON.parse(JSON.stringify(value.value))],
          json: lines[index],
        })),
      );
    }),
  );
});

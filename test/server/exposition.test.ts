import { expect, it } from 'vitest';

import { parseExposition } from './support/exposition.js';

const GAUGE = '# HELP isovec_a Help\n# TYPE isovec_a gauge\n';
const COUNTER = '# HELP isovec_a_total Help\n# TYPE isovec_a_total counter\n';
const HISTOGRAM = '# HELP isovec_h Help\n# TYPE isovec_h histogram\n';

it('reads what the text format allows', () => {
  const text = `${GAUGE}isovec_a{b="x \\"y\\" \\\\ \\n",c=""} 1e-3\n${HISTOGRAM}isovec_h_bucket{le="1"} 1\nisovec_h_bucket{le="+Inf"} 2\nisovec_h_sum 3\nisovec_h_count 2\n`;
  const families = parseExposition(text);
  expect([...families.keys()]).toEqual(['isovec_a', 'isovec_h']);
  expect(families.get('isovec_a')?.samples).toEqual([
    { name: 'isovec_a', labels: { b: 'x "y" \\ \n', c: '' }, value: 0.001 },
  ]);
});

it.each<[string, string]>([
  ['no end of the last line', `${GAUGE}isovec_a 1`],
  ['no help and type', 'isovec_a 1\n'],
  ['no type', '# HELP isovec_a Help\nisovec_a 1\n'],
  ['an unknown type', '# HELP isovec_a Help\n# TYPE isovec_a number\n'],
  ['a metric twice', GAUGE + GAUGE],
  ['a series twice', `${GAUGE}isovec_a{b="1",c="2"} 1\nisovec_a{c="2",b="1"} 1\n`],
  ['a series of another metric', `${GAUGE}isovec_b 1\n`],
  ['a label without quotes', `${GAUGE}isovec_a{b=1} 1\n`],
  ['a label twice', `${GAUGE}isovec_a{b="1",b="2"} 1\n`],
  ['no number', `${GAUGE}isovec_a one\n`],
  ['a quantile of a gauge', `${GAUGE}isovec_a{quantile="0.5"} 1\n`],
  ['a counter below 0', `${COUNTER}isovec_a_total -1\n`],
  ['a counter without _total', '# HELP isovec_a Help\n# TYPE isovec_a counter\n'],
  ['a gauge with _total', '# HELP isovec_a_total Help\n# TYPE isovec_a_total gauge\n'],
  ['milliseconds', '# HELP isovec_a_milliseconds Help\n# TYPE isovec_a_milliseconds gauge\n'],
  [
    'buckets that fall',
    `${HISTOGRAM}isovec_h_bucket{le="1"} 2\nisovec_h_bucket{le="+Inf"} 1\nisovec_h_sum 1\nisovec_h_count 1\n`,
  ],
  ['no last bucket', `${HISTOGRAM}isovec_h_bucket{le="1"} 1\nisovec_h_sum 1\nisovec_h_count 1\n`],
  ['a count of its own', `${HISTOGRAM}isovec_h_bucket{le="+Inf"} 1\nisovec_h_sum 1\nisovec_h_count 2\n`],
  ['no sum', `${HISTOGRAM}isovec_h_bucket{le="+Inf"} 1\nisovec_h_count 1\n`],
])('refuses %s', (_, text) => {
  expect(() => parseExposition(text)).toThrow();
});

import { describe, expect, it } from 'vitest';

import { type BarPlot, barPlot, type LinePlot, linePlot } from '#src/bench/index.js';

const BARS: BarPlot = {
  title: 'Texts a second',
  subtitle: 'longer is better',
  groups: [
    {
      heading: 'short texts',
      bars: [
        { label: 'isovec', value: 492, accent: true },
        { label: 'another <script>alert(1)</script> & "one"', value: 13.04, note: 'wrong vectors' },
      ],
    },
    {
      heading: 'long texts',
      bars: [
        { label: 'isovec', value: 58 },
        { label: 'none', value: 0 },
      ],
    },
  ],
};
const LINES: LinePlot = {
  title: 'Throughput against concurrency',
  x: { title: 'calls at a time', logarithmic: true, ticks: [1, 2, 4] },
  y: { title: 'texts/s' },
  series: [
    {
      name: 'first',
      points: [
        [1, 100],
        [2, 180],
        [4, 190],
      ],
    },
    {
      name: '<b>second</b>',
      points: [
        [1, 50],
        [4, 51],
      ],
    },
  ],
  dots: true,
};
const PLOTS = [
  ['bars', () => barPlot(BARS)],
  ['narrow bars', () => barPlot({ ...BARS, width: 350 })],
  ['lines', () => linePlot(LINES)],
  ['narrow lines', () => linePlot({ ...LINES, width: 350, steps: true })],
] as const;

/** Texts that a reader sees. */
function shown(svg: string): string {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text).join('\n');
}

/** Values and pixels of the bars. */
function barLengths(svg: string): (readonly [value: number, pixels: number])[] {
  return [...svg.matchAll(/aria-label="value: ([\d.]+)[^>]*? d="M0,[\d.]+h([\d.]+)v16/g)].map(
    ([, value, pixels]) => [Number(value), Number(pixels)] as const,
  );
}

describe.each(PLOTS)('a plot of %s', (name, draw) => {
  it('stands alone: no script, no address, no id that another plot of a page could have', async () => {
    const svg = await draw();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="(720|350)" /);
    expect(svg).toMatch(/<\/svg>$/);
    expect(svg.replace(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/<script|<image|href|https?:|url\(| id=/);
    expect(svg.includes('width="350"')).toBe(name.startsWith('narrow'));
  });

  it('is the same each time, and says in words what it shows', async () => {
    const svg = await draw();
    expect(await draw()).toBe(svg);
    expect(svg).toMatch(
      /role="img" aria-label="T(exts a second\. short texts: isovec 492|hroughput against concurrency\. texts\/s over calls at a time: first)/,
    );
  });

  it('has a dark value for every colour that it is drawn in', async () => {
    const svg = await draw();
    const rules = /<style>(.*?)<\/style>/.exec(svg)?.[1] ?? '';
    const used = [...svg.replace(rules, '').matchAll(/ (fill|stroke)="(#[^"]+|[a-z]+)"/g)];
    const drawn = new Set(
      used.flatMap(([, kind, colour]) =>
        ['none', 'transparent'].includes(colour ?? '') ? [] : [`[${kind ?? ''}="${colour ?? ''}"]`],
      ),
    );
    expect(drawn.size).toBeGreaterThan(3);
    for (const selector of drawn) expect(rules).toContain(`${selector}{`);
  });
});

describe('bars', () => {
  it('show their values and notes, and are as long as these', async () => {
    const svg = await barPlot(BARS);
    for (const text of ['Texts a second', 'longer is better', 'short texts', '492', '13.0 (wrong vectors)', '58.0']) {
      expect(shown(svg)).toContain(text);
    }
    const lengths = barLengths(svg);
    const [first, second] = lengths.map(([value, pixels]) => pixels / value);
    expect(lengths).toHaveLength(4);
    expect(second).toBeCloseTo(first ?? NaN, 6);
  });

  it('keep their texts inside the plot', async () => {
    const label = 'a name that is longer than any column could be, for it goes on and on';
    const bars = [
      { label, value: 5, note: 'and a note of some length' },
      { label: 'b', value: 4.9, note: 'n'.repeat(40) },
    ];
    for (const width of [350, 720]) {
      const svg = await barPlot({ ...BARS, width, groups: [{ heading: 'g', bars }] });
      expect(shown(svg)).toContain('…');
      const lengths = barLengths(svg).map(([, pixels]) => pixels);
      expect(lengths).toHaveLength(2);
      // A quarter of what the labels leave is the bars', whatever their notes say.
      expect(Math.min(...lengths)).toBeGreaterThan(40);
      const [text = ''] = shown(svg).match(/5\.00 \(.*/) ?? [];
      expect(Math.max(...lengths) + text.length * 6).toBeLessThan(width - 24);
    }
  });

  it('refuse lengths that cannot be drawn, and none at all', async () => {
    for (const value of [-1, NaN, Infinity]) {
      await expect(barPlot({ ...BARS, groups: [{ heading: 'g', bars: [{ label: 'x', value }] }] })).rejects.toThrow(
        expect.objectContaining({
          code: 'INPUT_INVALID',
          message: `The bar "x" of the plot "Texts a second" cannot be ${value} long.`,
        }),
      );
    }
    await expect(barPlot({ ...BARS, groups: [] })).rejects.toThrow('has no bars');
  });
});

describe('lines', () => {
  it('have a legend only where there are several, and the ticks asked for', async () => {
    expect(shown(await linePlot(LINES))).toMatch(/&lt;b&gt;second&lt;\/b&gt;/);
    const alone = await linePlot({ ...LINES, series: LINES.series.slice(0, 1) });
    expect(shown(alone).split('\n')).not.toContain('first');
    expect(shown(alone).split('\n').slice(0, 3)).toEqual(['1', '2', '4']);
  });

  it('refuse what an axis cannot show', async () => {
    const refused = (series: LinePlot['series']): Promise<string> => linePlot({ ...LINES, series });
    await expect(refused([{ name: 'a', points: [[0, 1]] }])).rejects.toThrow('cannot show the point (0, 1) of "a"');
    await expect(refused([{ name: 'a', points: [[1, NaN]] }])).rejects.toThrow('cannot show the point (1, NaN)');
    await expect(refused([{ name: 'a', points: [] }])).rejects.toThrow('has no points');
    const seven = Array.from({ length: 7 }, (_, i) => ({ name: String(i), points: [[1, i]] as const }));
    await expect(refused(seven)).rejects.toThrow('has 7 lines, and 6 can be told apart');
  });
});

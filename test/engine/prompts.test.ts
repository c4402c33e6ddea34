import { describe, expect, it } from 'vitest';

import { failure, loadTiny } from './support/tiny-model.js';

describe('a model with prompts and no default', () => {
  it('puts its own in front of queries and documents, and none in front of plain texts', async () => {
    const model = await loadTiny('bert-prompts');
    const { query = '', document = '' } = model.info().prompts;
    expect([query === '', document === '']).toEqual([false, false]);
    const text = 'the river';
    expect(await model.encodeQuery(text)).toEqual(await model.encode(query + text));
    expect((await model.encodeDocument([text])).row(0)).toEqual(await model.encode(document + text));
    expect(await model.encode(text)).toEqual(await model.encode(text, { prompt: '' }));
  });

  it('lets an explicit prompt beat a named one, and a named one beat that of the task', async () => {
    const model = await loadTiny('bert-prompts');
    const named = await model.encode('x', { promptName: 'document' });
    expect(await model.encodeQuery('x', { promptName: 'document' })).toEqual(named);
    expect(await model.encodeQuery('x', { promptName: 'document', prompt: 'my: ' })).toEqual(
      await model.encode('my: x'),
    );
  });

  it('knows no other names, and lists those it knows', async () => {
    const model = await loadTiny('bert-prompts');
    for (const promptName of ['passage', 'toString', '__proto__']) {
      const error = await failure(() => model.encode('x', { promptName }));
      expect(error.code).toBe('CONFIG_INVALID');
      for (const known of Object.keys(model.info().prompts)) expect(error.message).toContain(known);
    }
  });
});

describe('a model with a default prompt', () => {
  it('uses it for plain texts only, and an empty prompt switches it off', async () => {
    const model = await loadTiny('bert-prompts-default');
    const { prompts, defaultPromptName = '' } = model.info();
    const prompt = prompts[defaultPromptName] ?? '';
    expect(prompt).not.toBe('');
    const bare = await model.encode('x', { prompt: '' });
    expect(await model.encode('x')).toEqual(await model.encode(prompt + 'x', { prompt: '' }));
    expect(await model.encode('x')).not.toEqual(bare);
  });
});

describe('a model without prompts', () => {
  it('takes queries and documents as they are', async () => {
    const model = await loadTiny('bert-mean');
    const plain = await model.encode('x');
    expect(await model.encodeQuery('x')).toEqual(plain);
    expect((await model.encodeDocument(['x'])).row(0)).toEqual(plain);
  });
});

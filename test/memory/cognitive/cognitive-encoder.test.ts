import { type CognitiveCallOptions, createCognitiveEncoder } from '#src/memory/cognitive/cognitive-encoder.js';
import { lexiconExtractor } from '#src/memory/cognitive/cognitive-extractor.js';
import { profileOf, profileRow } from '#src/memory/cognitive/cognitive-dimensions.js';
import { fuseRow } from '#src/memory/cognitive/fusion/fuse-row.js';
import { identityFusion } from '#src/memory/cognitive/fusion/identity-fusion.js';
import { xavierFusion } from '#src/memory/cognitive/fusion/xavier-fusion.js';
import { declaredSpace, parseEmbeddingSpace, spaceAfterStep } from '#src/models/embedding-space.js';
import { describe, expect, it } from 'vitest';

import { providerContract } from '../../contract/provider-contract.js';
import { failure, loadTiny } from '../../engine/support/tiny-model.js';

providerContract('a cognitive encoder', {
  make: async () => createCognitiveEncoder(await loadTiny('bert-mean'), { closesProvider: true }),
  refusesEmpty: true,
});

describe('a cognitive encoder', () => {
  it('refuses blank texts by their index, and reads no profile of them', async () => {
    const encoder = createCognitiveEncoder(await loadTiny('bert-mean'));
    for (const blank of ['', '  ', '\n\t', '\u00a0']) {
      const error = await failure(() => encoder.encodeBatch(['a', 'b', blank]));
      expect(error).toMatchObject({ code: 'INPUT_INVALID', data: { index: 2 } });
      expect((await failure(() => encoder.profile(blank))).code).toBe('INPUT_INVALID');
    }
  });

  it('fuses vectors of meaning that were made in another way, with the same bits', async () => {
    const model = await loadTiny('bert-mean');
    const encoder = createCognitiveEncoder(model);
    const texts = ['I am frustrated with my team.', 'the river rose'];
    const profiles = [{ urgency: 1 }, undefined];
    const { data: meaning } = await model.encodeBatch(texts);
    const { data } = await encoder.encodeBatch(texts, { profiles });
    expect(await encoder.fuse(texts, meaning, { profiles })).toEqual(data);
    for (const [call, code] of [
      [() => encoder.fuse(texts, meaning.subarray(1)), 'CONFIG_INVALID'],
      [() => encoder.fuse(texts, meaning, { profiles: [undefined] }), 'CONFIG_INVALID'],
      [() => encoder.fuse(['a', ' '], meaning), 'INPUT_INVALID'],
      [() => encoder.fuse(texts, meaning, { signal: AbortSignal.abort() }), 'ABORTED'],
    ] as const) {
      expect((await failure(call)).code).toBe(code);
    }
    await encoder.close();
    expect((await failure(() => encoder.fuse(texts, meaning))).code).toBe('CLOSED');
  });

  it('puts given values in the place of those that were read, and leaves the rest', async () => {
    const encoder = createCognitiveEncoder(await loadTiny('bert-mean'));
    const text = 'I am frustrated with my team.';
    const read = encoder.profile(text);
    expect(read.frustration).toBeGreaterThan(0.5);
    const [plain, given, calm, same] = await Promise.all([
      encoder.encode(text),
      encoder.encode(text, { profiles: [{ frustration: read.frustration }] }),
      encoder.encode(text, { profiles: [{ frustration: 0 }] }),
      encoder.encode(text, { profiles: [undefined] }),
    ]);
    expect(given).toEqual(plain);
    expect(same).toEqual(plain);
    expect(calm).not.toEqual(plain);
  });

  it.each<[string, unknown]>([
    ['one profile too many', { profiles: [{}, {}] }],
    ['a name that is no dimension', { profiles: [{ joy: 1 }] }],
    ['a value beyond 1', { profiles: [{ stress: 1.5 }] }],
    ['a value that is no number', { profiles: [{ stress: 'much' }] }],
    ['profiles that are no list', { profiles: {} }],
    ['an unknown task', { task: 'poem' }],
    ['an unknown option', { mood: 1 }],
  ])('refuses %s', async (_name, options) => {
    const encoder = createCognitiveEncoder(await loadTiny('bert-mean'));
    const error = await failure(() => encoder.encode('a text', options as CognitiveCallOptions));
    expect(error.code).toBe('CONFIG_INVALID');
  });

  it('uses the prompts of the model for a task', async () => {
    const model = await loadTiny('bert-prompts');
    const encoder = createCognitiveEncoder(model);
    const text = 'the harbour';
    const fused = (row: Float32Array): Float32Array =>
      fuseRow(row, profileRow(encoder.profile(text)), identityFusion().layer(model.dimensions));
    const query = await encoder.encode(text, { task: 'query' });
    const document = await encoder.encode(text, { task: 'document' });
    expect(query).toEqual(fused(await model.encodeQuery(text)));
    expect(document).toEqual(fused((await model.encodeDocument([text])).row(0)));
    expect(query).not.toEqual(document);
  });

  it('has a space of its own for each model, fusion and way of reading', async () => {
    const model = await loadTiny('bert-mean');
    const spaces = [
      {},
      { fusion: identityFusion({ weight: 0.9 }) },
      { fusion: xavierFusion(1) },
      { fusion: xavierFusion(2) },
      { extractor: { name: 'other', extract: lexiconExtractor.extract } },
    ].map((options) => createCognitiveEncoder(model, options).space);
    const fingerprints = [model.space, ...spaces].map(({ fingerprint }) => fingerprint);
    expect(new Set(fingerprints).size).toBe(fingerprints.length);
    for (const space of spaces) {
      expect(space).toMatchObject({ dimensions: model.dimensions + 16, normalized: false, similarity: 'cosine' });
      expect(parseEmbeddingSpace(JSON.parse(JSON.stringify(space)), 'a store')).toEqual(space);
    }
    expect(createCognitiveEncoder(model).space).toEqual(spaces[0]);
  });

  it('leaves the provider open, unless it was made to close it', async () => {
    const model = await loadTiny('bert-mean');
    await createCognitiveEncoder(model).close();
    expect(model.health().status).toBe('ok');
    await createCognitiveEncoder(model, { closesProvider: true }).close();
    expect(model.health().status).toBe('closed');
  });

  it('tells what another extractor breaks', async () => {
    const extractor = { name: 'broken', extract: () => ({ ...profileOf({}), stress: NaN }) };
    const encoder = createCognitiveEncoder(await loadTiny('bert-mean'), { extractor });
    const error = await failure(() => encoder.encode('a text'));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(error.message).toContain('broken');
  });
});

describe('the space after a step', () => {
  it('differs by the step, and by what it makes of the vectors', () => {
    const base = declaredSpace({ model: 'a', dimensions: 4 });
    const step = { step: 'one', dimensions: 4, normalized: true, similarity: 'cosine' as const };
    const spaces = [
      base,
      spaceAfterStep(base, step),
      spaceAfterStep(base, { ...step, step: 'two' }),
      spaceAfterStep(base, { ...step, normalized: false }),
    ];
    expect(new Set(spaces.map(({ fingerprint }) => fingerprint)).size).toBe(spaces.length);
  });
});

import type { Embedder } from '#src/index.js';
import { type EmbedRequest, embedTexts, type ServiceCall } from '#src/server/embed-texts.js';
import { DEFAULT_SERVICE_LIMITS } from '#src/server/service-limits.js';
import { ServedModels } from '#src/server/served-models.js';
import { describe, expect, it } from 'vitest';

import { failure, loadTiny } from '../engine/support/tiny-model.js';

const LONG = 'the old harbour '.repeat(400);

function service(embedder: Embedder, limits = DEFAULT_SERVICE_LIMITS) {
  const models = new ServedModels([{ name: 'tiny', embedder }]);
  return async (request: Partial<EmbedRequest>, call: ServiceCall = {}) =>
    embedTexts(await models.select(), { inputs: ['a'], truncate: true, ...request }, call, limits);
}

describe('embedding the inputs of a request', () => {
  it('gives the bits of the library for texts and for token ids, in their order', async () => {
    const model = await loadTiny('bert-mean');
    const texts = ['the river rose', LONG, '', 'b'];
    const { texts: tokenized } = await model.tokens.encode(texts);
    const inputs = [texts[0] ?? '', texts[1] ?? '', [...(tokenized[2]?.ids ?? [])], texts[3] ?? ''];
    const { rows, tokens, truncated, errors, timings } = await service(model)({ inputs });
    const expected = await model.encodeBatch(texts);
    rows.forEach((row, index) => {
      expect(row).toEqual(expected.row(index));
    });
    expect(tokens).toEqual(tokenized.map(({ fullTokenCount }) => fullTokenCount));
    expect([truncated, errors]).toEqual([[1], []]);
    expect(timings.total).toBeGreaterThanOrEqual(timings.tokenize);
    expect(timings.inference).toBeGreaterThan(0);
  });

  it('names every bad input at once', async () => {
    const embed = service(await loadTiny('bert-mean'));
    const inputs = ['fine', 'half\ud800', LONG, [1, 2], [-1], []];
    expect(await failure(() => embed({ inputs, truncate: false }))).toMatchObject({
      code: 'INPUT_INVALID',
      data: { indices: [1, 2, 4, 5] },
    });
    const tooLong = await failure(() => embed({ inputs: ['fine', LONG, LONG], truncate: false }));
    expect(tooLong).toMatchObject({ code: 'INPUT_TOO_LONG', data: { indices: [1, 2] } });
    expect(tooLong.message).toMatch(/Input 1 has \d+ tokens, and this model's maximum context length is \d+ tokens/);
    expect(tooLong.message).toContain('Input 2 has');
  });

  it('answers for the good inputs where partial answers are wanted', async () => {
    const model = await loadTiny('bert-mean');
    const { rows, errors, tokens } = await service(model)({
      inputs: ['\udc00', 'b', LONG, 'd'],
      truncate: false,
      partial: true,
    });
    const expected = await model.encodeBatch(['b', 'd']);
    expect(rows).toEqual([undefined, expected.row(0), undefined, expected.row(1)]);
    expect(errors).toMatchObject([
      { index: 0, code: 'INPUT_INVALID' },
      { index: 2, code: 'INPUT_TOO_LONG' },
    ]);
    expect([tokens[0], tokens[2]]).toEqual([0, 0]);
  });

  it('keeps the limits of inputs and tokens, and says what was received', async () => {
    const embed = service(await loadTiny('bert-mean'), { maxInputs: 3, maxTokens: 12 });
    expect((await embed({ inputs: ['a', 'b', 'c'] })).rows).toHaveLength(3);
    expect(await failure(() => embed({ inputs: ['a', 'b', 'c', 'd'] }))).toMatchObject({
      code: 'BATCH_TOO_LARGE',
      data: { limit: 3, received: 4 },
    });
    const tokens = await failure(() => embed({ inputs: ['a a a a a a', 'b b b b b b'] }));
    expect(tokens).toMatchObject({ code: 'BATCH_TOO_LARGE', data: { limit: 12 } });
    expect(await failure(() => embed({ inputs: [] }))).toMatchObject({ code: 'INPUT_INVALID' });
  });

  it('gives up at the deadline and on the signal', async () => {
    const embed = service(await loadTiny('bert-mean'));
    expect(await failure(() => embed({}, { deadline: Date.now() - 1 }))).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await failure(() => embed({}, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' });
  });
});

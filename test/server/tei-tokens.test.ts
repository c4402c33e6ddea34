import { expect, it } from 'vitest';
import { z } from 'zod';

import { callUnary, grpcClient } from './support/grpc-client.js';
import { testServer } from './support/running-server.js';

const tokenSchema = z.object({
  text: z.string(),
  special: z.boolean(),
  start: z.number().nullish(),
  stop: z.number().nullish(),
});

it('tokens show their part of the text, and count its characters, on both transports', async () => {
  const { grpcAddress, post } = await testServer({ grpcPort: 0 });
  const inputs = 'The \u{1f600} River 河 e\u0301 rivers \u{1f468}\u200d\u{1f469}.';
  const [overHttp = []] = z.array(z.array(tokenSchema)).parse((await post('/tokenize', { inputs })).body);
  const { answer } = await callUnary(grpcClient(grpcAddress, 'tei.v1.Tokenize'), 'Tokenize', {
    inputs,
    add_special_tokens: true,
  });
  const { tokens } = z.object({ tokens: z.array(tokenSchema) }).parse(answer);
  const characters = Array.from(inputs);
  for (const list of [overHttp, tokens]) {
    expect([list.at(0)?.text, list.at(-1)?.text]).toEqual(['[CLS]', '[SEP]']);
    const inside = list.slice(1, -1);
    expect(inside.map(({ text }) => text)).toEqual(expect.arrayContaining(['The', '\u{1f600}', 'ver', '.']));
    for (const { text, special, start, stop } of inside) {
      expect([special, text]).toEqual([false, characters.slice(start ?? 0, stop ?? 0).join('')]);
    }
  }
});

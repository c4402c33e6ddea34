// A contestant that does what the test tells it to: `how` is its fault, or none.
import { serve } from '../../benchmarks/peers/adapters/serve.mjs';

serve(async ({ how }) => {
  if (how === 'cannot load') throw new Error('its model is not there');
  console.log('a library that greets');
  return {
    async embed(texts) {
      if (how === 'fails') throw new TypeError('it does not know this text');
      if (how === 'dies') process.exit(7);
      if (how === 'hangs') await new Promise(() => setInterval(() => undefined, 1000));
      return texts.map((text) => [text.length, 1]);
    },
    versions: { odd: '1.0' },
  };
});

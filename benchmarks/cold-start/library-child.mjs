// One model, one text, in a process of its own: node library-child.mjs MODEL OPTIONS. Prints the steps as JSON.
const [model, options] = process.argv.slice(2);
const begin = performance.now();
const { loadModel } = await import('../../dist/index.js');
const imported = performance.now();
const embedder = await loadModel(model, JSON.parse(options));
const loaded = performance.now();
await embedder.encode('a text');
const encoded = performance.now();
const { timings } = embedder.info();
process.stdout.write(
  JSON.stringify({
    'node start': begin,
    'module loading': imported - begin,
    load: loaded - imported,
    '  obtain': timings.obtain,
    '  prepare': timings.prepare,
    '  tokenizer, beside': timings.tokenizer,
    '  session': timings.sessions,
    '    of it warm-up': timings.warmUp,
    'first run': encoded - loaded,
  }),
);
await embedder.close();

// One model and lone requests one after another, in a process of its own: node requests-child.mjs MODEL COUNT. Prints the
// time of the load and of each request, in milliseconds, as JSON.
const [model, count] = process.argv.slice(2);
const { loadModel } = await import('../../dist/index.js');
const begin = performance.now();
const embedder = await loadModel(model);
const load = performance.now() - begin;
const requests = [];
for (let at = 0; at < Number(count); at++) {
  const started = performance.now();
  await embedder.encode('how do I reset my password?');
  requests.push(performance.now() - started);
}
const { warmUp } = embedder.info().timings;
process.stdout.write(JSON.stringify({ load, warmUp, requests }));
await embedder.close();

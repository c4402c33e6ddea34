// Embeds the lines of a file through encodeStream and drops the vectors: what a file job does, without its writing.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import { loadModel } from '#src/index.js';

const [id, file, threads] = process.argv.slice(2);
const model = await loadModel(id, threads === undefined ? {} : { threads: Number(threads) });
const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
const begun = performance.now();
let rows = 0;
for await (const batch of model.encodeStream(lines)) rows += batch.count;
console.log(JSON.stringify({ rows, seconds: (performance.now() - begun) / 1000 }));
await model.close();

import { loadModel } from 'isovec';

/** Any iterable will do: rows of a database, lines of a file. */
function* texts(): Generator<string> {
  for (let number = 1; number <= 300; number++) yield `Ticket ${number}`;
}

const model = await loadModel('sentence-transformers/all-MiniLM-L6-v2');
let done = 0;
for await (const batch of model.encodeStream(texts())) {
  done += batch.count; // batch.data holds the rows of these texts, one after another
}
console.log(`${done} vectors of ${model.dimensions} dimensions`);
await model.close();

import { loadModel } from 'isovec';

const model = await loadModel('sentence-transformers/all-MiniLM-L6-v2');

const documents = ['fastembed writes batches.', 'isovec reads any iterable.'];
for await (const batch of model.encodeStream(documents)) {
  for (const vector of batch) console.log(vector.length);
}

// The model's own prompts, where it has any; never one that it was not trained with.
const query = await model.encodeQuery('Which one takes an iterable?');
console.log(query.length, Object.keys(model.info().prompts).length);
await model.close();

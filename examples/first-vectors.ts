import { loadModel } from 'isovec';

const model = await loadModel('sentence-transformers/all-MiniLM-L6-v2');

const query = await model.encode('How do I reset my password?'); // Float32Array, model.dimensions long
const documents = await model.encodeBatch([
  'Choose "Forgot password" on the sign-in page.',
  'Our office is closed on public holidays.',
]);
console.log(model.similarity(query, documents).data); // one row of scores: the first is higher

await model.close();

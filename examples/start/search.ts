import { loadModel } from 'isovec';
import { topK } from 'isovec/vector';

const answers = [
  'Choose "Forgot password" on the sign-in page.',
  'Parcels arrive within three working days.',
  'Invoices are in your account, under Orders.',
];

const model = await loadModel('sentence-transformers/all-MiniLM-L6-v2');
const documents = await model.encodeDocument(answers);
const query = await model.encodeQuery('My package has not arrived.');
for (const { index, score } of topK(model.similarity(query, documents).data, 2)) {
  console.log(score.toFixed(2), answers[index]);
}
await model.close();

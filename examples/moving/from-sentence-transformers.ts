import { loadModel } from 'isovec';

const model = await loadModel('sentence-transformers/all-MiniLM-L6-v2');

const sentences = ['The weather is lovely today.', "It's so sunny outside!", 'He drove to the stadium.'];
const embeddings = await model.encodeBatch(sentences);
console.log(embeddings.count, embeddings.dimensions);

const { data } = model.similarity(embeddings, embeddings);
for (let row = 0; row < 3; row++) {
  console.log(Array.from(data.subarray(row * 3, row * 3 + 3), (score) => score.toFixed(4)).join(' '));
}
await model.close();

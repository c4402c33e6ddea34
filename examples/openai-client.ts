// The official client of OpenAI with `isovec serve`: nothing but the base address is another one.
import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: `${process.env['ISOVEC_URL'] ?? 'http://127.0.0.1:8080'}/v1`,
  apiKey: process.env['ISOVEC_API_KEY'] ?? 'any', // a server without keys takes every one
});

const texts = ['When is bread baked?', 'Bread is baked at dawn.', 'The river rose overnight.'];
const { data, usage } = await client.embeddings.create({
  model: 'sentence-transformers/all-MiniLM-L6-v2',
  input: texts,
});

// Vectors of this model have length 1: their dot product is their cosine.
const [query = [], ...documents] = data.map(({ embedding }) => embedding);
for (const [i, document] of documents.entries()) {
  const score = query.reduce((sum, value, at) => sum + value * (document[at] ?? 0), 0);
  console.log(score.toFixed(4), texts[i + 1]);
}
console.log(`${usage.total_tokens} tokens`);

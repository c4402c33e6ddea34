// LangChain.js with `isovec serve`, by its embeddings for OpenAI.
import { OpenAIEmbeddings } from '@langchain/openai';

const embeddings = new OpenAIEmbeddings({
  model: 'sentence-transformers/all-MiniLM-L6-v2',
  apiKey: process.env['ISOVEC_API_KEY'] ?? 'any',
  configuration: { baseURL: `${process.env['ISOVEC_URL'] ?? 'http://127.0.0.1:8080'}/v1` },
});

const texts = ['Bread is baked at dawn.', 'The river rose overnight.'];
const documents = await embeddings.embedDocuments(texts);
const query = await embeddings.embedQuery('When is bread baked?');

for (const [i, document] of documents.entries()) {
  const score = query.reduce((sum, value, at) => sum + value * (document[at] ?? 0), 0);
  console.log(score.toFixed(4), texts[i]);
}

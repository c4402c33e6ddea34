// Vectors of a server, by isovec's own client: here of `isovec serve`, in OpenAI's interface.
import { createRemoteProvider } from 'isovec';

const provider = await createRemoteProvider({
  kind: 'openai',
  url: `${process.env['ISOVEC_URL'] ?? 'http://127.0.0.1:8080'}/v1`,
  apiKey: process.env['ISOVEC_API_KEY'] ?? 'any',
  model: 'sentence-transformers/all-MiniLM-L6-v2',
  space: {
    model: 'sentence-transformers/all-MiniLM-L6-v2',
    dimensions: Number(process.env['ISOVEC_DIMENSIONS'] ?? 384),
  },
});

const texts = ['Bread is baked at dawn.', 'The river rose overnight.'];
const query = await provider.encode('When is bread baked?');
const documents = await provider.encodeBatch(texts);
for (const [i, text] of texts.entries()) {
  const document = documents.data.subarray(i * documents.dimensions, (i + 1) * documents.dimensions);
  console.log(provider.similarity(query, document).data[0]?.toFixed(4), text);
}

await provider.close();

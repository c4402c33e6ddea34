// The same request as to text-embeddings-inference; only the address is another one.
const address = process.env['ISOVEC_URL'] ?? 'http://127.0.0.1:8080';

const response = await fetch(`${address}/embed`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ inputs: ['When is bread baked?', 'Bread is baked at dawn.'], truncate: true }),
});
const [query = [], document = []] = (await response.json()) as number[][];
console.log(query.reduce((sum, value, at) => sum + value * (document[at] ?? 0), 0).toFixed(4));

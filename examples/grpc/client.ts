// gRPC with `isovec serve`, by a client that is made from the package's contracts when the program starts.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  type Client,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

interface Embeddings {
  readonly embeddings: readonly { readonly values: readonly number[] }[];
}

interface Services {
  readonly akidb: {
    readonly embedding: { readonly v1: { readonly EmbeddingService: new (...args: Channel) => Akidb } };
  };
  readonly tei: { readonly v1: { readonly Embed: new (...args: Channel) => Tei } };
}

type Channel = readonly [address: string, credentials: ReturnType<typeof credentials.createInsecure>];
type Answer = (error: ServiceError | null, answer: Embeddings) => void;
type Akidb = Client & { Embed: (request: object, metadata: Metadata, options: object, answer: Answer) => void };
type Tei = Client & { EmbedStream: (metadata: Metadata) => ClientDuplexStream<object, object> };

const address = process.env['ISOVEC_GRPC'] ?? '127.0.0.1:50051';
const proto = path.join(path.dirname(createRequire(import.meta.url).resolve('isovec/package.json')), 'proto');
const contracts = loadSync(['akidb/embedding/v1/embedding.proto', 'tei/v1/tei.proto'], {
  includeDirs: [proto],
  keepCase: true,
});
const { akidb, tei } = loadPackageDefinition(contracts) as unknown as Services;
const metadata = new Metadata();
const key = process.env['ISOVEC_API_KEY'];
if (key !== undefined) metadata.set('authorization', `Bearer ${key}`);

// One call for all texts, with a deadline: what has not begun by then never runs.
const texts = ['When is bread baked?', 'Bread is baked at dawn.', 'The river rose overnight.'];
const unary = new akidb.embedding.v1.EmbeddingService(address, credentials.createInsecure());
const { embeddings } = await new Promise<Embeddings>((resolve, reject) => {
  unary.Embed({ texts }, metadata, { deadline: Date.now() + 30_000 }, (error, answer) => {
    if (error === null) resolve(answer);
    else reject(error);
  });
});
unary.close();

// Vectors of this model have length 1: their dot product is their cosine.
const [query = [], ...documents] = embeddings.map(({ values }) => values);
for (const [i, document] of documents.entries()) {
  const score = query.reduce((sum, value, at) => sum + value * (document[at] ?? 0), 0);
  console.log(score.toFixed(4), texts[i + 1]);
}

// A stream for a corpus of any length: answers come in the order of the texts. Where the server is behind, `write` says
// so, and the program waits; where the program is behind, it reads no further answers, and the server waits.
const streaming = new tei.v1.Embed(address, credentials.createInsecure());
const stream = streaming.EmbedStream(metadata);
async function send(): Promise<void> {
  for (let line = 0; line < 1000; line++) {
    if (!stream.write({ inputs: `line ${line} of a long text`, truncate: true })) await once(stream, 'drain');
  }
  stream.end();
}
async function receive(): Promise<number[]> {
  const lengths: number[] = [];
  for await (const { embeddings: vector } of stream as AsyncIterable<{ embeddings: number[] }>) {
    lengths.push(vector.length);
  }
  return lengths;
}
const [lengths] = await Promise.all([receive(), send()]);
console.log(`${lengths.length} vectors of ${lengths[0] ?? 0} dimensions from a stream`);
streaming.close();

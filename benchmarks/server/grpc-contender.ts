import path from 'node:path';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';

import type { Contender } from './contender.js';
import type { ServingProcess } from './serving-process.js';

const CONTRACT = 'akidb/embedding/v1/embedding.proto';
const PATH = '/akidb.embedding.v1.EmbeddingService/Embed';

/** An answer as it came, and what its trailers say of the time. */
interface RawAnswer {
  readonly bytes: Buffer;
  readonly inference: number;
}

/** The server over gRPC, on one connection as clients have it. */
export class GrpcContender implements Contender {
  readonly name: string = 'server, gRPC';
  readonly #server: ServingProcess;
  readonly #client: Client;
  readonly #method: MethodDefinition<object, object>;

  constructor(server: ServingProcess) {
    const includeDirs = [path.resolve(import.meta.dirname, '../../proto')];
    const service = loadSync(CONTRACT, { includeDirs, keepCase: true })['akidb.embedding.v1.EmbeddingService'];
    const method = service !== undefined && 'Embed' in service ? service.Embed : undefined;
    if (method === undefined) throw new Error(`${CONTRACT} has no ${PATH}.`);
    this.#method = method;
    this.#server = server;
    // An answer to as many texts as a request may hold is more than the framework takes unasked.
    this.#client = new Client(server.grpcAddress, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
    });
  }

  /** Answers are read and not parsed, as those of the other contenders. */
  async embed(texts: readonly string[], priority?: 'interactive' | 'bulk'): Promise<number> {
    return (await this.#ask(texts, priority)).inference;
  }

  /** The vectors of texts, to be compared with the library's. */
  async vectors(texts: readonly string[]): Promise<Float32Array[]> {
    const { bytes } = await this.#ask(texts);
    const { embeddings } = this.#method.responseDeserialize(bytes) as {
      readonly embeddings: readonly { readonly values: readonly number[] }[];
    };
    return embeddings.map(({ values }) => Float32Array.from(values));
  }

  cpuMilliseconds(): number {
    return this.#server.cpuMilliseconds();
  }

  /** Closes its connection. */
  close(): void {
    this.#client.close();
  }

  #ask(texts: readonly string[], priority?: string): Promise<RawAnswer> {
    const metadata = new Metadata();
    if (priority !== undefined) metadata.set('x-isovec-priority', priority);
    return new Promise((resolve, reject) => {
      let bytes: Buffer | undefined;
      const call = this.#client.makeUnaryRequest(
        PATH,
        (request: object) => this.#method.requestSerialize(request),
        (answer) => answer,
        { texts },
        metadata,
        (error, answer) => {
          if (error === null) bytes = answer;
          else reject(error);
        },
      );
      call.on('status', ({ metadata: trailers }) => {
        const inference = Number(trailers.get('x-isovec-inference-ms')[0]);
        // The callback comes first or right after.
        setImmediate(() => {
          if (bytes !== undefined) resolve({ bytes, inference });
        });
      });
    });
  }
}

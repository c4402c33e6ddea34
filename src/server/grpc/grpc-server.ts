import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { errorMessage, IsovecError } from '../../shared/isovec-error.js';
import type { ApiKeys } from '../authentication.js';
import type { TlsFiles } from '../check-tls.js';
import type { Service } from '../service.js';
import { akidbService } from './akidb-service.js';
import { loadContracts } from './definitions.js';
import { GrpcService } from './grpc-service.js';
import { teiPredict, teiRerank } from './other-kinds.js';
import { teiEmbed } from './tei-embed.js';
import { teiInfo } from './tei-info.js';
import { teiTokenize } from './tei-tokenize.js';
import type { UnsentAnswers } from './unsent-answers.js';

/** What a server over gRPC is made of. */
export interface GrpcServerOptions {
  readonly service: Service;
  readonly keys: ApiKeys;
  /** Most bytes of one message. */
  readonly maxMessageBytes: number;
  /** Certificate chain and private key, as PEM; without them the connection is in the clear. */
  readonly tls: TlsFiles | undefined;
}

/** Time that the ends of calls have to reach their clients after the last answer has left, in milliseconds. */
const FLUSH_MILLISECONDS = 1000;

/** The contracts of akidb.embedding.v1 and tei.v1, with the standard services for health and reflection. */
export class GrpcServer {
  readonly #server: Server;
  readonly #health: HealthImplementation;
  readonly #credentials: ServerCredentials;
  readonly #names: readonly string[];
  readonly #unsent: UnsentAnswers;

  /** Makes a server that does not listen yet. */
  constructor({ service, keys, maxMessageBytes, tls }: GrpcServerOptions) {
    const contracts = loadContracts();
    const grpc = new GrpcService(service, keys);
    this.#unsent = grpc.unsent;
    this.#server = new Server({ 'grpc.max_receive_message_length': maxMessageBytes });
    const implementations = {
      'akidb.embedding.v1.EmbeddingService': akidbService(grpc),
      'tei.v1.Info': teiInfo(grpc),
      'tei.v1.Embed': teiEmbed(grpc),
      'tei.v1.Predict': teiPredict(grpc),
      'tei.v1.Rerank': teiRerank(grpc),
      'tei.v1.Tokenize': teiTokenize(grpc),
    };
    for (const [name, implementation] of Object.entries(implementations)) {
      this.#server.addService(contracts.service(name), implementation);
    }
    // The empty name stands for the server as a whole.
    this.#names = ['', ...contracts.names];
    this.#health = new HealthImplementation(Object.fromEntries(this.#names.map((name) => [name, 'SERVING'])));
    this.#health.addToServer(this.#server);
    new ReflectionService(contracts.definition).addToServer(this.#server);
    this.#credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }]);
  }

  /** Listens; port 0 takes a free one, which it gives. CONFIG_INVALID if the address cannot be had. */
  async listen(host: string, port: number): Promise<number> {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, this.#credentials, (cause, bound) => {
        if (cause === null) {
          resolve(bound);
          return;
        }
        const message = `Cannot listen for gRPC on ${address}: ${errorMessage(cause)}. Take another port, or none.`;
        reject(new IsovecError('CONFIG_INVALID', message, { cause, data: { option: 'grpcPort' } }));
      });
    });
  }

  /** Tells watchers of its health that it is about to end. */
  beginDrain(): void {
    for (const name of this.#names) this.#health.setStatus(name, 'NOT_SERVING');
  }

  /**
   * Ends all calls once their answers have left; those of clients that take longer than so many milliseconds to read are cut
   * off. Whether none was: an idle stream, which would stay open for ever, has lost nothing. Work must be done by then.
   */
  async close(graceMilliseconds: number): Promise<boolean> {
    const ended = new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => {
        resolve();
      });
    });
    const begun = performance.now();
    const sent = await this.#unsent.allSent(graceMilliseconds);
    const left = Math.max(0, graceMilliseconds - (performance.now() - begun));
    const timer = setTimeout(
      () => {
        this.#server.forceShutdown();
      },
      Math.min(left, FLUSH_MILLISECONDS),
    );
    await ended;
    clearTimeout(timer);
    return sent;
  }
}

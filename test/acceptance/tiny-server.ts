import path from 'node:path';

import { type Embedder, type LoadOptions, loadModel } from '#src/index.js';
import { type ServerOptions, startServer } from '#src/server/index.js';
import { ACCEPTANCE_CACHE } from './python-environment.js';

/** A server with one tiny model. */
export interface TinyServer extends AsyncDisposable {
  readonly url: string;
  /** `host:port` of gRPC; '' where it is not served. */
  readonly grpcAddress: string;
  readonly model: Embedder;
}

/** Starts one on a free port, whose model goes by a name. */
export async function tinyServer(
  options: ServerOptions = {},
  name = 'tiny',
  load: LoadOptions = {},
): Promise<TinyServer> {
  const folder = path.resolve(import.meta.dirname, '../fixtures/tiny/bert-mean');
  const model = await loadModel(folder, { cache: path.join(ACCEPTANCE_CACHE, 'tiny'), threads: 1, ...load });
  const { url, grpcAddress = '', close } = await startServer([{ name, embedder: model }], { port: 0, ...options });
  return {
    url,
    grpcAddress,
    model,
    [Symbol.asyncDispose]: async () => {
      await close(0);
      await model.close();
    },
  };
}

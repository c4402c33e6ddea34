import type { ApiDocument } from '../../page/src/reference/api-document.js';
import { startServer } from '../../src/server/start-server.js';

/** The OpenAPI document of a server, as it gives it. No model is loaded. */
export async function servedDocument(): Promise<ApiDocument> {
  const load = (): Promise<never> => Promise.reject(new Error('The document is asked for, and no model.'));
  const server = await startServer([{ name: 'none', load }], { port: 0 });
  try {
    const response = await fetch(`${server.url}/openapi.json`);
    return (await response.json()) as ApiDocument;
  } finally {
    await server.close(0);
  }
}

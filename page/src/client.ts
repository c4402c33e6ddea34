import { serverClient, type ServerClient } from './server/server-client.js';
import { storedKey } from './stored-key.js';

/** Where the page comes from, and what it asks; ends in a slash. */
export const BASE: string = new URL('.', location.href).href;

/** The server that the page comes from. */
export const client: ServerClient = serverClient(BASE, storedKey);

import { join } from 'node:path';
import process from 'node:process';
import { homeFolder } from './home-folder.js';

/** Where things are and what may be reached: what the environment says, before a caller's options. */
export interface Settings {
  /** Folder of downloaded models and prepared graphs. */
  readonly cacheRoot: string;
  /** Where `isovec memory` remembers: a file, or the address of a PostgreSQL database. */
  readonly memoryPlace: string;
  readonly qdrantApiKey: string | undefined;
  /** File that holds the key instead. */
  readonly qdrantApiKeyFile: string | undefined;
  /** File of the password for a `memoryPlace` in PostgreSQL that names none. */
  readonly memoryPasswordFile: string | undefined;
  /** Whether nothing may be fetched. */
  readonly offline: boolean;
  readonly hubEndpoint: string | undefined;
  readonly hubToken: string | undefined;
  /** Cache of the Python hub client, which is read and never written. */
  readonly pythonHubCache: string;
  /** Python interpreter for the wheel source and the bridge. */
  readonly pythonCommand: string | undefined;
  /** What a child with Python gets as its environment: all of the process's own. */
  readonly childEnvironment: Readonly<Record<string, string | undefined>>;
}

/** Environment variables that are read, each with what it sets. */
export const ENVIRONMENT_VARIABLES: Readonly<Record<string, string>> = {
  ISOVEC_HOME: 'folder of the cache (default: isovec in XDG_CACHE_HOME or ~/.cache)',
  ISOVEC_MEMORY: 'file of memories, or postgresql://... (default: isovec/memory.db in XDG_DATA_HOME or ~/.local/share)',
  ISOVEC_MEMORY_PASSWORD_FILE: 'file that holds the password of the database, where its address holds none',
  ISOVEC_QDRANT_API_KEY: 'key of the server that --qdrant names',
  ISOVEC_QDRANT_API_KEY_FILE: 'file that holds that key instead',
  ISOVEC_OFFLINE: '1 or true: never reach out to a model source',
  ISOVEC_API_KEYS: 'keys that isovec serve takes, separated by commas, besides those of --api-key-file',
  ISOVEC_PYTHON: 'Python interpreter that fetches wheels and runs the bridge (default: python3)',
  XDG_CACHE_HOME: 'base folder of caches',
  XDG_DATA_HOME: "base folder of users' data",
  HF_HUB_OFFLINE: 'as ISOVEC_OFFLINE',
  HF_ENDPOINT: 'address of the model hub',
  HF_TOKEN: 'access token for the model hub',
  HF_HOME: 'home of the Python hub client, whose cache is reused',
  HF_HUB_CACHE: 'cache of the Python hub client, whose files are reused',
};

/** Reads settings from environment variables, the process's own by default; an empty variable counts as absent. */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const get = (name: string): string | undefined => (environment[name] === '' ? undefined : environment[name]);
  const caches = get('XDG_CACHE_HOME') ?? join(homeFolder(), '.cache');
  // Memories are no cache: what clears caches must not take them.
  const data = get('XDG_DATA_HOME') ?? join(homeFolder(), '.local', 'share');
  return {
    cacheRoot: get('ISOVEC_HOME') ?? join(caches, 'isovec'),
    memoryPlace: get('ISOVEC_MEMORY') ?? join(data, 'isovec', 'memory.db'),
    qdrantApiKey: get('ISOVEC_QDRANT_API_KEY'),
    qdrantApiKeyFile: get('ISOVEC_QDRANT_API_KEY_FILE'),
    memoryPasswordFile: get('ISOVEC_MEMORY_PASSWORD_FILE'),
    offline: isTrue(get('ISOVEC_OFFLINE')) || isTrue(get('HF_HUB_OFFLINE')),
    hubEndpoint: get('HF_ENDPOINT'),
    hubToken: get('HF_TOKEN'),
    pythonHubCache: get('HF_HUB_CACHE') ?? join(get('HF_HOME') ?? join(caches, 'huggingface'), 'hub'),
    pythonCommand: get('ISOVEC_PYTHON'),
    childEnvironment: environment,
  };
}

/**
 * Tells ONNX Runtime not to collect usage data, unless the user has decided about that. Its binaries otherwise keep a
 * device id in the user's cache folder and a database of events to be uploaded. The native code reads the real environment,
 * which only the main thread can change, and reads it once, when it is loaded.
 */
export function declineEngineTelemetry(environment: Record<string, string | undefined> = process.env): void {
  environment['ORT_DISABLE_TELEMETRY'] ??= '1';
}

/** The spellings that Python's hub client takes for true. */
function isTrue(value: string | undefined): boolean {
  return value !== undefined && ['1', 'ON', 'YES', 'TRUE'].includes(value.toUpperCase());
}

import { fileURLToPath } from 'node:url';
import { loadSync, type AnyDefinition, type PackageDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { withStrictRequests } from './strict-messages.js';

/** The contracts, as they are published with the package. */
const FOLDER = fileURLToPath(new URL('../../../proto/', import.meta.url));
const FILES = ['akidb/embedding/v1/embedding.proto', 'tei/v1/tei.proto'];

/** Services of the contracts, by their full names, each with every method that it must answer. */
export interface Contracts {
  /** As reflection shows it. */
  readonly definition: PackageDefinition;
  /** The definition of a service, whose requests are checked before they are read. */
  readonly service: (name: string) => ServiceDefinition;
  /** Full names of all services. */
  readonly names: readonly string[];
}

/** Reads the contracts. Messages keep the names of their fields; 64-bit numbers become numbers, enums their numbers. */
export function loadContracts(): Contracts {
  const definition = loadSync(FILES, {
    includeDirs: [FOLDER],
    keepCase: true,
    longs: Number,
    enums: Number,
    defaults: true,
    // Tells a field that was left out from one that holds its default.
    oneofs: true,
  });
  const names = Object.keys(definition).filter((name) => isService(definition[name]));
  return {
    definition,
    names,
    service(name) {
      const found = definition[name];
      if (!isService(found)) throw new Error(`The contracts have no service ${name}.`);
      return withStrictRequests(found);
    },
  };
}

/** Types of messages have a format; services are records of methods. */
function isService(entry: AnyDefinition | undefined): entry is ServiceDefinition {
  return entry !== undefined && !('format' in entry);
}

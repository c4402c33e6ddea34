import type { AddressInfo } from 'node:net';
import type { GrpcServer } from './grpc/grpc-server.js';
import type { HttpServer } from './http/http-server.js';

/** Where a server listens. */
export interface Addresses {
  readonly url: string;
  /** `host:port` of gRPC; undefined where it is not served. */
  readonly grpcAddress: string | undefined;
}

/** What to listen on. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Port of gRPC; undefined where it is not served. */
  readonly grpcPort: number | undefined;
  readonly secure: boolean;
}

/** Listens on all transports. CONFIG_INVALID names an address that cannot be had. */
export async function listen(
  http: HttpServer,
  grpc: GrpcServer | undefined,
  { host, port, grpcPort = 0, secure }: Listening,
): Promise<Addresses> {
  const address = await http.listen(host, port);
  const bound = await grpc?.listen(host, grpcPort);
  const shown = shownHost(address);
  return {
    url: `${secure ? 'https' : 'http'}://${shown}:${address.port}`,
    grpcAddress: bound === undefined ? undefined : `${shown}:${bound}`,
  };
}

function shownHost({ address, family }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]` : address;
}

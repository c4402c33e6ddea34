import type { Pool, PoolClient } from 'pg';
import type { ConnectionOptions } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { IsovecError, isIsovecError } from '../../../shared/isovec-error.js';
import { storeClosed } from '../check-change.js';
import { loadPg } from './load-pg.js';
import { isToBeRepeated, postgresError } from './postgres-errors.js';

/** What is bound to a statement. */
export type SqlValue = string | number | boolean | null | readonly (string | number)[];

/** Runs one statement and gives its rows. */
export type RunSql = <Row extends object>(sql: string, parameters?: readonly SqlValue[]) => Promise<Row[]>;

/** Where a PostgreSQL server is and how it lets one in; what is absent is taken from the variables and the file that `psql` reads. */
export interface PostgresConnection {
  /** `postgresql://user:password@host:5432/database`; never shown in messages. */
  readonly connectionString?: string;
  /** Name or address, or the folder of its socket. */
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  /** Or what gives it for each connection, where passwords expire. */
  readonly password?: string | (() => string | Promise<string>);
  /** Encrypted, and with what certificates. */
  readonly ssl?: boolean | ConnectionOptions;
  /** Connections that are open at a time; 10 by default. */
  readonly maxConnections?: number;
  /** Milliseconds that a call waits for a connection; 30,000 by default. */
  readonly connectionTimeout?: number;
  /** Milliseconds that a statement may take on the server; what the server says by default. */
  readonly statementTimeout?: number;
}

const MAX_CONNECTIONS = 10;
const CONNECTION_TIMEOUT = 30_000;
/** Each try takes its locks anew and in one order, so that even under many writers the second one nearly always succeeds. */
const MAX_TRIES = 10;
const FIRST_PAUSE = 5;

/** Connections to one server, made when they are needed. Errors are `IsovecError`s; see `postgresError`. */
export class PostgresPool {
  /** Server and database, for people: without user and password. */
  readonly place: string;
  readonly #pool: Pool;
  readonly #calls = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(pool: Pool, place: string) {
    this.#pool = pool;
    this.place = place;
    // A connection that breaks while nobody uses it is dropped from the pool; the next call makes another.
    pool.on('error', ignore);
  }

  /** Connects to nothing yet. PACKAGE_MISSING, CONFIG_INVALID for a connection string that is none. */
  static async create(connection: PostgresConnection): Promise<PostgresPool> {
    const { Client, Pool } = (await loadPg()).default;
    const { maxConnections, connectionTimeout, statementTimeout, ...server } = connection;
    const settings = {
      ...server,
      max: maxConnections ?? MAX_CONNECTIONS,
      connectionTimeoutMillis: connectionTimeout ?? CONNECTION_TIMEOUT,
      ...(statementTimeout === undefined ? {} : { statement_timeout: statementTimeout }),
      application_name: 'isovec',
      keepAlive: true,
      allowExitOnIdle: true,
    };
    const place = ((): string => {
      try {
        const { host, port, database } = new Client(settings);
        return `PostgreSQL at ${host}:${port}${database === undefined ? '' : `/${database}`}`;
      } catch {
        // Without its cause, which quotes the string and the password in it.
        throw new IsovecError(
          'CONFIG_INVALID',
          'The connection string is none: write postgresql://user:password@host:5432/database, with %-escapes for special characters.',
          { data: { option: 'connectionString' } },
        );
      }
    })();
    return new PostgresPool(new Pool(settings), place);
  }

  /** One statement, a transaction of its own. */
  query<Row extends object>(sql: string, parameters: readonly SqlValue[] = []): Promise<Row[]> {
    return this.#call((client) => statement<Row>(client, sql, parameters));
  }

  /**
   * Statements that are done as a whole or not at all, in a transaction that begins with `begin`. Made again if another transaction
   * was in the way: `work` may run several times.
   */
  transaction<T>(begin: string, work: (run: RunSql) => Promise<T>): Promise<T> {
    return this.#call(async (client) => {
      await client.query(begin);
      try {
        const result = await work((sql, parameters = []) => statement(client, sql, parameters));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        // Over a broken connection the server rolls back by itself.
        await client.query('ROLLBACK').catch(ignore);
        throw error;
      }
    });
  }

  /** Ends all connections after the calls before. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    // The pool forgets calls that wait for a connection when it is ended.
    await Promise.allSettled(this.#calls);
    await this.#pool.end();
  }

  /** CLOSED after {@link close}. */
  async #call<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw storeClosed();
    const call = this.#repeat(work);
    this.#calls.add(call);
    try {
      return await call;
    } catch (error) {
      throw postgresError(error, this.place);
    } finally {
      this.#calls.delete(call);
    }
  }

  async #repeat<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let pause = FIRST_PAUSE, tries = 1; ; pause *= 2, tries++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (!isToBeRepeated(error) || tries === MAX_TRIES) throw error;
        await delay(pause * (0.5 + Math.random()));
      }
    }
  }

  async #once<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let usable = true;
    const onBroken = (): void => {
      usable = false;
    };
    client.on('error', onBroken);
    try {
      return await work(client);
    } catch (error) {
      // After anything but these the next call is safer with a new connection.
      usable &&= isIsovecError(error) || isToBeRepeated(error);
      throw error;
    } finally {
      client.off('error', onBroken);
      client.release(!usable);
    }
  }
}

async function statement<Row extends object>(
  client: PoolClient,
  sql: string,
  parameters: readonly SqlValue[],
): Promise<Row[]> {
  return (await client.query<Row>(sql, [...parameters])).rows;
}

function ignore(): void {
  // What broke is told by the next call, if it still is broken.
}

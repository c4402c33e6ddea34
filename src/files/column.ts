/** What a column of a source holds, so that it can be written again in another format. */
export type ColumnType =
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'string'
  | 'binary'
  | 'date'
  | 'timestamp-ms'
  | 'timestamp-us'
  | 'timestamp-ns'
  | 'json';

/** A column of a source. Every column may hold null. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Of timestamps: whether they are moments (counted in UTC), and not readings of a clock on some wall. */
  readonly utc?: boolean;
}

/**
 * A value, by the type of its column: `boolean`; number for int32, float32, float64 and date (days since 1970); bigint
 * for int64 and timestamps (their unit since 1970); string; Uint8Array for binary; any JSON value for json.
 */
export type ColumnValue = unknown;

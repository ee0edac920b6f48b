/**
 * The database seam. Texts are written once, in words that SQLite understands and that an adapter maps one for one:
 * `?` stands for a value (PostgreSQL: $1, $2 …), `blob` is bytea, `integer` has 64 bits, `integer primary key` counts by
 * itself, `without rowid` is only a hint. Conflicts are met with `on conflict … do`, never with `insert or replace`.
 *
 * What every implementation promises, and `sql.conformance.ts` tests: a transaction is all or nothing and sees no other
 * half way; blobs come back as Uint8Array; an integer comes back as number while it is exact and as bigint beyond.
 */
export type SqlValue = null | number | bigint | string | Uint8Array

export interface Sql {
  query<Row>(text: string, values?: readonly SqlValue[]): Promise<Row[]>
  run(text: string, values?: readonly SqlValue[]): Promise<{ readonly changes: number }>
  /** The rows of one statement for each list of values: one round trip where the database allows it. */
  queryEach<Row>(text: string, lists: readonly (readonly SqlValue[])[]): Promise<Row[][]>
  /** Changed rows of one statement for each list of values. */
  runEach(text: string, lists: readonly (readonly SqlValue[])[]): Promise<number[]>
  /**
   * Work in it only through the `sql` given to `work`; anything else waits for its end. A transaction inside a
   * transaction is a part of it that can fail alone.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** Resolves when everything committed so far would survive a power cut; commits alone may be forgotten by one. */
  sync(): Promise<void>
  close(): Promise<void>
}

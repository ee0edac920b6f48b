/** The database of one machine: node:sqlite, one connection, one writer. */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Clock } from '@backstay/proto/clock'
import { oneAtATime } from './one-at-a-time.ts'
import type { Sql, SqlValue } from './sql.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import { writeBackWhenQuiet } from './write-back.ts'

/** NORMAL may forget the last transactions in a power cut, never damage what is there: packs replay them. */
const pragmas = [
  'pragma journal_mode = wal',
  // Of a log that is written back while others read and write, or it stays as long as its busiest moment made it.
  'pragma journal_size_limit = 1048576',
  'pragma synchronous = normal',
  // Whoever looks into the file with another program must not stop everything for long.
  'pragma busy_timeout = 1000',
  // 64 MiB of pages: the inner pages of an index of ten million objects.
  'pragma cache_size = -65536',
  // A checkpoint every 40 MiB of log instead of every 4: half the writes on a busy index (measured with 10 M rows).
  'pragma wal_autocheckpoint = 10000',
  'pragma temp_store = memory',
]

/** SQLite works on our only thread; after so many lists, about 10 ms, others get their turn. */
const listsAtOnce = 1000
/** There are about a hundred texts; the number only bounds a mistake. */
const statementsMax = 512

/**
 * `path` may be `:memory:`. With a clock, the log is written back whenever nothing was written for a moment. Throws
 * `catalog_damaged` when the file is no database.
 */
export function openSqlite(path: string, clock?: Pick<Clock, 'sleep'>): Sql {
  try {
    const database = new DatabaseSync(path)
    for (const pragma of pragmas) database.exec(pragma)
    return sqliteOver(database, clock)
  } catch (error) {
    throw sqliteFailure(error)
  }
}

/** Of another process, which may be writing: nothing is changed, and nobody waits. */
export function openSqliteToRead(path: string): Sql {
  try {
    return sqliteOver(new DatabaseSync(path, { readOnly: true, timeout: 1000 }))
  } catch (error) {
    throw sqliteFailure(error)
  }
}

/** For tests that keep the database while its user crashes. */
export function sqliteOver(database: DatabaseSync, clock?: Pick<Clock, 'sleep'>): Sql {
  const prepared = new Map<string, StatementSync>()
  const take = oneAtATime()
  const quiet = clock && writeBackWhenQuiet(clock, () => take(writeBack))

  /** What cannot be written back now, because the disk is full or somebody reads, counts just as well in the log. */
  async function writeBack(): Promise<void> {
    try {
      if (database.isOpen) database.exec('pragma wal_checkpoint(truncate)')
    } catch {}
  }

  const statement = (text: string): StatementSync => {
    const known = prepared.get(text)
    if (known !== undefined) return known
    if (prepared.size >= statementsMax) prepared.clear()
    const made = database.prepare(text)
    prepared.set(text, made)
    return made
  }

  /** The works themselves; the caller holds the turn. */
  const inside: Omit<Sql, 'close' | 'sync'> = {
    async query(text, values = []) {
      return attempt(() => rowsOf(statement(text), values))
    },
    async run(text, values = []) {
      return attempt(() => ({ changes: Number(statement(text).run(...values).changes) }))
    },
    queryEach: (text, lists) => each(lists, values => rowsOf(statement(text), values)),
    runEach: (text, lists) => each(lists, values => Number(statement(text).run(...values).changes)),
    transaction: work =>
      within(['savepoint part', 'release part', 'rollback to part; release part'], () => work(nested)),
  }
  const nested: Sql = {
    ...inside,
    sync: () => Promise.reject(new Error('nothing of a transaction is durable before its end')),
    close: () => Promise.reject(new Error('closed inside a transaction')),
  }

  async function within<T>([begin, commit, undo]: [string, string, string], work: () => Promise<T>) {
    attempt(() => database.exec(begin))
    try {
      const result = await work()
      attempt(() => database.exec(commit))
      return result
    } catch (error) {
      // A full disk may have undone it already; then there is nothing to undo.
      if (database.isOpen && database.isTransaction) database.exec(undo)
      throw error
    }
  }

  function writing<T>(work: () => Promise<T>): Promise<T> {
    quiet?.wrote()
    return take(work)
  }

  return {
    query: (text, values) => take(() => inside.query(text, values)),
    run: (text, values) => writing(() => inside.run(text, values)),
    queryEach: (text, lists) => take(() => inside.queryEach(text, lists)),
    runEach: (text, lists) => writing(() => inside.runEach(text, lists)),
    transaction: work => writing(() => within(['begin immediate', 'commit', 'rollback'], () => work(nested))),
    // Writing the log back begins with making it durable.
    sync: () => take(async () => attempt(() => database.exec('pragma wal_checkpoint(full)'))),
    close: () =>
      take(async () => {
        quiet?.stop()
        prepared.clear()
        if (database.isOpen) database.close()
      }),
  }
}

async function each<T>(
  lists: readonly (readonly SqlValue[])[],
  work: (values: readonly SqlValue[]) => T,
): Promise<T[]> {
  const results: T[] = []
  for (let first = 0; first < lists.length; first += listsAtOnce) {
    if (first > 0) await new Promise(resolve => setImmediate(resolve))
    for (const values of lists.slice(first, first + listsAtOnce)) results.push(attempt(() => work(values)))
  }
  return results
}

function rowsOf<Row>(statement: StatementSync, values: readonly SqlValue[]): Row[] {
  try {
    return statement.all(...values) as Row[]
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_OUT_OF_RANGE')) throw error
  }
  statement.setReadBigInts(true)
  try {
    return statement.all(...values).map(row => exactNumbers(row)) as Row[]
  } finally {
    statement.setReadBigInts(false)
  }
}

function exactNumbers(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'bigint' && BigInt.asIntN(54, value) === value) row[name] = Number(value)
  }
  return row
}

function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw sqliteFailure(error)
  }
}

/**
 * Writes into the catalog what has become durable in the packs, in order and in groups. When the catalog fails, it keeps
 * trying: nothing is lost, because the packs are the truth and a restart reads it from there.
 */
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import type { Sql } from '../catalog/sql.ts'

/** One thing to write; `rows` is only a measure. */
export interface Change {
  readonly rows: number
  apply(sql: Sql): Promise<void>
  /** Called when it is in the catalog. */
  done(): void
}

export interface CatalogWriter {
  add(change: Change): void
  /** Resolves when everything added so far is in the catalog; rejects when it cannot be written now. */
  written(): Promise<void>
  /** Rows that wait. */
  readonly backlog: number
  /** Tries once more, then gives up. */
  close(): Promise<void>
}

/** A transaction of this many rows takes about 50 ms. */
const groupRows = 5000
/**
 * What becomes durable within this time is written together, unless somebody waits for it: a transaction writes whole
 * pages of the index into the log of the database, however few rows it adds.
 */
const gatherMs = 200
const retryMs = 100
const retryMsMax = 5000

export function catalogWriter(
  sql: Sql,
  clock: Pick<Clock, 'sleep'>,
  onTrouble: (error: unknown) => void = () => undefined,
): CatalogWriter {
  const changes: Change[] = []
  const closing = new AbortController()
  let added = 0
  let failure: { readonly error: unknown } | undefined
  let backlog = 0
  let waiters: { readonly upTo: number; resolve(): void; reject(error: unknown): void }[] = []
  let running: Promise<void> | undefined
  let gathering: AbortController | undefined

  async function run(): Promise<void> {
    await Promise.resolve()
    for (let pause = retryMs; changes.length > 0; ) {
      try {
        await gather()
        await writeGroup()
        failure = undefined
        pause = retryMs
      } catch (error) {
        failure = { error }
        onTrouble(error)
        for (const waiter of waiters) waiter.reject(error)
        waiters = []
        if (closing.signal.aborted) break
        await clock.sleep(pause, closing.signal).catch(() => undefined)
        pause = Math.min(2 * pause, retryMsMax)
      }
    }
    running = undefined
  }

  async function gather(): Promise<void> {
    if (waiters.length > 0 || backlog >= groupRows || closing.signal.aborted) return
    gathering = new AbortController()
    await clock.sleep(gatherMs, gathering.signal).catch(() => undefined)
    gathering = undefined
  }

  async function writeGroup(): Promise<void> {
    let count = 0
    for (let rows = 0; count < changes.length && rows < groupRows; count++) rows += changes[count]?.rows ?? 0
    const group = changes.slice(0, count)
    await sql.transaction(async inside => {
      for (const change of group) await change.apply(inside)
    })
    changes.splice(0, count)
    for (const change of group) {
      backlog -= change.rows
      change.done()
    }
    const upTo = added - changes.length
    for (const waiter of waiters) if (waiter.upTo <= upTo) waiter.resolve()
    waiters = waiters.filter(waiter => waiter.upTo > upTo)
  }

  return {
    get backlog() {
      return backlog
    },
    add(change) {
      changes.push(change)
      added++
      backlog += change.rows
      running ??= run()
      if (backlog >= groupRows) gathering?.abort()
    },
    written() {
      if (changes.length === 0) return Promise.resolve()
      if (failure !== undefined) return Promise.reject(failure.error)
      gathering?.abort()
      return new Promise((resolve, reject) => waiters.push({ upTo: added, resolve, reject }))
    },
    async close() {
      closing.abort(new Failure('closed', 'the collector is closing'))
      gathering?.abort()
      await running
    },
  }
}

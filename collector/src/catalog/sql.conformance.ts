/** The promises of `Sql`, each as a test that any implementation can run. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import type { Sql } from './sql.ts'

export interface SqlPromise {
  readonly name: string
  readonly run: (sql: Sql) => Promise<void>
}

const sample = 'create table sample (number integer primary key, name text unique, bytes blob, count integer)'
const put = 'insert into sample (name, bytes, count) values (?, ?, ?)'
const names = async (sql: Sql) =>
  (await sql.query<{ name: string }>('select name from sample order by name')).map(row => row.name)

export const sqlConformance: readonly SqlPromise[] = [
  {
    name: 'values come back as they went in',
    async run(sql) {
      await sql.run(sample)
      equal((await sql.run(put, ['a', Uint8Array.of(0, 255), 7])).changes, 1)
      await sql.run(put, ['ü ‘quoted’', null, null])
      const [first, second] = await sql.query<Record<string, unknown>>(
        'select name, bytes, count from sample order by number',
      )
      ok(first?.bytes instanceof Uint8Array && second !== undefined)
      deepEqual(Uint8Array.from(first.bytes), Uint8Array.of(0, 255))
      equal(first.count, 7)
      deepEqual([second.name, second.bytes, second.count], ['ü ‘quoted’', null, null])
    },
  },
  {
    name: 'integers are exact: number up to 2^53, bigint beyond',
    async run(sql) {
      await sql.run(sample)
      const counts = [0, -1, Number.MAX_SAFE_INTEGER, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 62n) - 1n]
      await sql.runEach(
        put,
        counts.map((count, index) => [`${index}`, null, count]),
      )
      const rows = await sql.query<{ count: unknown }>('select count from sample order by number')
      deepEqual(
        rows.map(row => row.count),
        counts,
      )
    },
  },
  {
    name: 'one statement for many lists answers for each',
    async run(sql) {
      await sql.run(sample)
      const insert = `${put} on conflict (name) do nothing`
      deepEqual(
        await sql.runEach(insert, [
          ['a', null, 1],
          ['b', null, 2],
          ['a', null, 3],
        ]),
        [1, 1, 0],
      )
      deepEqual(await sql.runEach(insert, []), [])
      const found = await sql.queryEach<{ count: number }>('select count from sample where name = ?', [
        ['b'],
        ['none'],
        ['a'],
      ])
      deepEqual(
        found.map(rows => rows.map(row => row.count)),
        [[2], [], [1]],
      )
    },
  },
  {
    name: 'a failed transaction leaves nothing',
    async run(sql) {
      await sql.run(sample)
      const work = sql.transaction(async inside => {
        await inside.run(put, ['a', null, 1])
        equal((await names(inside)).length, 1)
        throw new Error('changed my mind')
      })
      await rejects(work, /changed my mind/)
      deepEqual(await names(sql), [])
    },
  },
  {
    name: 'a failed statement fails its transaction, and the next one works',
    async run(sql) {
      await sql.run(sample)
      const work = sql.transaction(async inside => {
        await inside.run(put, ['a', null, 1])
        await inside.run(put, ['a', null, 1])
      })
      await rejects(work)
      equal(await sql.transaction(async inside => (await inside.run(put, ['b', null, 1])).changes), 1)
      deepEqual(await names(sql), ['b'])
    },
  },
  {
    name: 'a part of a transaction can fail alone',
    async run(sql) {
      await sql.run(sample)
      await sql.transaction(async outer => {
        await outer.run(put, ['a', null, 1])
        const part = outer.transaction(async inner => {
          await inner.run(put, ['b', null, 1])
          throw new Error('only this part')
        })
        await rejects(part, /only this part/)
        await outer.transaction(async inner => inner.run(put, ['c', null, 1]))
      })
      deepEqual(await names(sql), ['a', 'c'])
    },
  },
  {
    name: 'whoever asks meanwhile sees the whole transaction or nothing of it',
    async run(sql) {
      await sql.run(sample)
      const seen: number[] = []
      const watch = async () => seen.push((await names(sql)).length)
      const work = sql.transaction(async inside => {
        for (const name of ['a', 'b', 'c']) {
          await inside.run(put, [name, null, 1])
          await Promise.resolve()
        }
      })
      await Promise.all([watch(), work, watch(), watch()])
      ok(seen.every(count => count === 0 || count === 3))
    },
  },
  {
    name: 'upserts and returning work',
    async run(sql) {
      await sql.run(sample)
      const upsert = `${put} on conflict (name) do update set count = sample.count + excluded.count returning count`
      const [first] = await sql.query<{ count: number }>(upsert, ['a', null, 2])
      const [second] = await sql.query<{ count: number }>(upsert, ['a', null, 3])
      deepEqual([first?.count, second?.count], [2, 5])
    },
  },
]

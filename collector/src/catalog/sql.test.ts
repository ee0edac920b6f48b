import { equal, ok, rejects, throws } from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { sqlConformance } from './sql.conformance.ts'
import { openSqlite } from './sqlite.ts'

const scratch = await mkdtemp(join(tmpdir(), 'backstay-sql-'))
after(() => rm(scratch, { recursive: true }))

for (const [index, { name, run }] of sqlConformance.entries()) {
  for (const path of [':memory:', join(scratch, `${index}.sqlite`)]) {
    test(`sqlite ${path === ':memory:' ? 'in memory' : 'in a file'}: ${name}`, async () => {
      const sql = openSqlite(path)
      try {
        await run(sql)
      } finally {
        await sql.close()
      }
    })
  }
}

test('what was committed is there when the file is opened again', async () => {
  const path = join(scratch, 'again.sqlite')
  const first = openSqlite(path)
  await first.run('create table one (value integer)')
  await first.run('insert into one values (?)', [41])
  await first.close()
  const second = openSqlite(path)
  equal((await second.query<{ value: number }>('select value from one'))[0]?.value, 41)
  await second.close()
})

test('a file that is no database is named as damage that a rebuild mends', async () => {
  const path = join(scratch, 'garbage.sqlite')
  await writeFile(path, 'this is not a database'.repeat(100))
  throws(
    () => openSqlite(path),
    error => isFailure(error, 'catalog_damaged') && error.hint === 'run: backstay-collector rebuild',
  )
})

test('a full database is a failure to be tried again, and what was there stays readable', async () => {
  const sql = openSqlite(':memory:')
  await sql.run('create table one (value blob)')
  await sql.query('pragma max_page_count = 10')
  const work = sql.transaction(async inside => {
    for (let i = 0; i < 100; i++) await inside.run('insert into one values (?)', [new Uint8Array(4000)])
  })
  await rejects(work, { code: 'catalog_unavailable', remedy: 'retry' })
  equal((await sql.query('select * from one')).length, 0)
  await sql.query('pragma max_page_count = 1000')
  await sql.run('insert into one values (?)', [new Uint8Array(10)])
  await sql.close()
})

test('the log is empty a moment after the last write, while the database stays open', async () => {
  const path = join(scratch, 'log.sqlite')
  const clock = simulatedClock()
  const sql = openSqlite(path, clock)
  const logBytes = async () => (await stat(`${path}-wal`)).size
  await sql.run('create table one (value blob)')
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20; i++) await sql.run('insert into one values (?)', [new Uint8Array(40_000)])
    ok((await logBytes()) > 800_000)
    // As long as others write, nobody waits for the disk.
    await clock.advance(900)
    await sql.run('insert into one values (?)', [new Uint8Array(1)])
    await clock.advance(900)
    ok((await logBytes()) > 800_000)
    await clock.advance(2000)
    equal(await logBytes(), 0)
    equal(clock.sleeping, 0)
  }
  equal((await sql.query('select * from one')).length, 63)
  await sql.close()
})

test('a log that cannot be written back is kept, and writing goes on', async () => {
  const path = join(scratch, 'read.sqlite')
  const clock = simulatedClock()
  const sql = openSqlite(path, clock)
  await sql.run('create table one (value integer)')
  await sql.query('pragma busy_timeout = 0')
  const reader = new DatabaseSync(path)
  reader.exec('begin; select * from one')
  await sql.run('insert into one values (1)')
  await clock.advance(3000)
  ok((await stat(`${path}-wal`)).size > 0)
  reader.close()
  await sql.run('insert into one values (2)')
  await clock.advance(3000)
  equal((await stat(`${path}-wal`)).size, 0)
  equal((await sql.query('select * from one')).length, 2)
  await sql.run('insert into one values (3)')
  await sql.close()
  equal(clock.sleeping, 0)
})

import { equal, rejects, throws } from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
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

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { openSqlite } from '../catalog/sqlite.ts'
import { catalogWriter } from './catalog-writer.ts'

async function openWriter() {
  const inner = openSqlite(':memory:')
  await inner.run('create table one (value integer)')
  const clock = simulatedClock()
  let transactions = 0
  const sql: typeof inner = {
    ...inner,
    transaction(work) {
      transactions++
      return inner.transaction(work)
    },
  }
  const writer = catalogWriter(sql, clock)
  const done: number[] = []
  const add = (value: number, rows = 1) =>
    writer.add({
      rows,
      apply: async tx => void (await tx.run('insert into one values (?)', [value])),
      done: () => void done.push(value),
    })
  return { writer, clock, add, done, transactions: () => transactions }
}

test('what comes within a moment is written in one transaction', async () => {
  const { writer, clock, add, done, transactions } = await openWriter()
  for (let value = 0; value < 10; value++) {
    add(value)
    await clock.advance(10)
  }
  deepEqual([done, transactions()], [[], 0])
  await clock.advance(200)
  deepEqual([done.length, transactions(), writer.backlog], [10, 1, 0])
  await writer.close()
})

test('whoever waits for the catalog does not wait for the moment to pass', async () => {
  const { writer, clock, add, done, transactions } = await openWriter()
  add(1)
  await clock.advance(0)
  add(2)
  await writer.written()
  deepEqual([done, transactions()], [[1, 2], 1])
  add(3)
  await writer.written()
  add(4)
  await writer.close()
  deepEqual([done, clock.sleeping], [[1, 2, 3, 4], 0])
})

test('a large group does not wait', async () => {
  const { writer, clock, add, done } = await openWriter()
  add(1)
  await clock.advance(0)
  equal(clock.sleeping, 1)
  add(2, 5000)
  await clock.advance(0)
  await clock.advance(0)
  deepEqual(done, [1, 2])
  await writer.close()
})

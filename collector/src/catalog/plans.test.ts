// What is asked of each device must not go through what all of them stored.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import { openCatalog } from './catalog.ts'
import { deviceById, listDevices } from './devices.ts'
import { sumsByDevice } from './fleet-sums.ts'
import type { Sql, SqlValue } from './sql.ts'
import { openSqlite } from './sqlite.ts'

const fleet = 'ab'.repeat(32) as FleetId
const device = 'cd'.repeat(16) as DeviceId

/** How the questions that `ask` puts are answered, step by step. */
async function stepsOf(ask: (sql: Sql) => Promise<unknown>): Promise<readonly string[]> {
  const sql = openSqlite(':memory:')
  await openCatalog(sql)
  const asked: [string, readonly SqlValue[]][] = []
  const query: Sql['query'] = async (text, values = []) => {
    asked.push([text, values])
    return []
  }
  await ask({ ...sql, query })
  const steps: string[] = []
  for (const [text, values] of asked) {
    const plan = await sql.query<{ detail: string }>(`explain query plan ${text}`, values)
    steps.push(...plan.map(({ detail }) => detail))
  }
  await sql.close()
  return steps
}

test('a device is found with its snapshots, without those of the others', async () => {
  // The newest time of a device was sought in the order of time over the whole fleet: 15 s of a core for ten thousand devices.
  for (const ask of [
    (sql: Sql) => listDevices(sql, fleet, { limit: 50 }),
    (sql: Sql) => deviceById(sql, fleet, device),
    (sql: Sql) => sumsByDevice(sql, fleet),
  ]) {
    const steps = await stepsOf(ask)
    const ofSnapshots = steps.filter(step =>
      /\b(snapshots_|sqlite_autoindex_snapshots|SCAN snapshots)/.test(step),
    )
    assert.ok(ofSnapshots.length > 0, steps.join('\n'))
    for (const step of ofSnapshots) assert.match(step, /\(fleet=\? AND device=\?/)
  }
})

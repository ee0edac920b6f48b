import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { noPolicy } from '@backstay/proto/policy/effective'
import type { BackupOutcome } from '../backup/run-backup.ts'
import { loadSystem } from '../system/load.ts'
import { readRecord } from './record.ts'
import { singleBackup } from './single-backup.ts'
import { sampleBoard } from './testing/sample-board.ts'

test('a backup without a running agent flags an emptied root too, on the snapshot, to who started it and for later', async t => {
  // From cron, an empty mount point became a clean and complete snapshot without a word.
  const root = mkdtempSync(join(tmpdir(), 'backstay-root-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const agent = { ...sampleBoard().board.agent, system: await loadSystem() }
  const home = { name: 'home', roots: [utf8(root)], excludes: [], presets: [], shareSegments: true }
  const policy = { ...noPolicy, values: { ...noPolicy.values, backupSets: [home] } }
  const outcome = (entries: number) => ({ built: { entries }, unread: new Map(), alarms: [] })
  const labels: (string | undefined)[] = []
  const backUp = (entries: number) =>
    singleBackup(agent, { policy }, async label => {
      labels.push(label)
      return outcome(entries) as unknown as BackupOutcome
    })
  for (let n = 0; n < 12; n++) writeFileSync(join(root, `file-${n}`), '')
  assert.deepEqual((await backUp(12)).alarms, [])
  rmSync(root, { recursive: true })
  const missing = await backUp(12)
  assert.deepEqual(labels, [undefined, `flagged: ${root} is missing`])
  assert.match(missing.alarms[0]?.message ?? '', /is missing since .* \(12 names before\)/)
  const record = await readRecord(agent.state, agent.files)
  assert.equal(record.roots.get(root)?.flag?.why, 'missing')
  assert.equal(record.lastCompleteMs, agent.clock.now())

  const nothing = { ...noPolicy, values: { ...noPolicy.values, backupSets: [] } }
  const refused = singleBackup(agent, { policy: nothing }, async () => {
    throw new Failure('no_roots', 'there is nothing to back up')
  })
  await assert.rejects(refused, { code: 'no_roots' })
  const { coverage } = await readRecord(agent.state, agent.files)
  assert.equal(coverage?.drop?.entriesBefore, 12)
})

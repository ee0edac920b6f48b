// The disk of the simulation forgets what a disk may forget, and what the agent writes small files with survives that.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import { seededRandom } from '../testing/random.ts'
import { type StateDiskFaults, stateDisk } from './state-disk.ts'

const quiet: StateDiskFaults = {
  writeError: () => undefined,
  powerGoes: () => false,
  onPowerCut: () => undefined,
}

/** Cuts the power at each step in turn, with many fates of what was not synced. */
async function contentsAfterCuts(): Promise<Set<string | undefined>> {
  const found = new Set<string | undefined>()
  for (let seed = 0; seed < 40; seed++) {
    for (let at = 0; at < 8; at++) {
      let left = Number.POSITIVE_INFINITY
      const disk = stateDisk(seededRandom(seed), { ...quiet, powerGoes: () => left-- === 0 })
      const files = disk.begin()
      await files.write('/state/head', utf8('old'))
      left = at
      await files.write('/state/head', utf8('new')).catch(() => undefined)
      left = Number.POSITIVE_INFINITY
      disk.cut()
      const bytes = await disk.begin().read('/state/head', 100)
      found.add(bytes && fromUtf8(bytes))
    }
  }
  return found
}

test('wherever the power goes, a small file is the old one or the new one', async () => {
  assert.deepEqual([...(await contentsAfterCuts())].sort(), ['new', 'old'])
})

test('a full disk leaves the old file, and says so', async () => {
  let code: string | undefined
  const disk = stateDisk(seededRandom(1), { ...quiet, writeError: () => code })
  const files = disk.begin()
  await files.write('/state/head', utf8('old'))
  code = 'ENOSPC'
  // It was told as what somebody must mend, and an agent whose disk was full for a moment stayed without a link for ten minutes.
  await assert.rejects(files.write('/state/head', utf8('new')), { code: 'file_unwritable', remedy: 'retry' })
  assert.equal(fromUtf8((await files.read('/state/head', 100)) ?? new Uint8Array()), 'old')
  code = 'EACCES'
  await assert.rejects(files.write('/state/head', utf8('new')), { code: 'file_unwritable', remedy: 'stop' })
  code = 'ENOSPC'
  // It came out as an error without a code, and the job under way as a mistake of the program.
  await assert.rejects(files.remove('/state/head'), { code: 'file_unwritable' })
})

test('a process of before the cut reads and writes nothing any more', async () => {
  const disk = stateDisk(seededRandom(1), quiet)
  const files = disk.begin()
  await files.write('/state/head', utf8('old'))
  disk.cut()
  await assert.rejects(files.write('/state/head', utf8('new')), { code: 'file_unwritable' })
  const bytes = await disk.begin().read('/state/head', 100)
  assert.equal(bytes && fromUtf8(bytes), 'old')
})

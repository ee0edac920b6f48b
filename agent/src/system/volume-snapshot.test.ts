/** Shadow copies as PowerShell tells of them: its answers are those that its documentation and Win32_ShadowCopy name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { freeze, type VolumeSnapshots } from './volume-snapshot.ts'
import { type PowerShellRan, windowsVolumeSnapshots } from './windows-volume-snapshot.ts'

const id = '{1B7D6C39-0A4E-4B25-9C53-7E2F1C0A9D11}'
const device = '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy12'
const made: PowerShellRan = { code: 0, out: `${JSON.stringify({ device, id })}\r\n` }

function answering(...answers: readonly (PowerShellRan | Error)[]) {
  const asked: string[] = []
  const left = [...answers]
  const snapshots = windowsVolumeSnapshots(async script => {
    asked.push(script)
    const answer = left.shift() ?? made
    if (answer instanceof Error) throw answer
    return answer
  })
  return { asked, snapshots }
}

test('a shadow copy is asked for, opened by its device, and deleted by its id', async () => {
  const { asked, snapshots } = answering(made)
  const taken = await snapshots.take('C:')
  assert.equal(fromUtf8(taken.path), `${device}\\`)
  assert.match(asked[0] ?? '', /Create\('C:\\', 'ClientAccessible'\)/)
  await taken[Symbol.asyncDispose]()
  assert.ok(asked[1]?.includes(`ID='${id}'`) && asked[1].includes('Delete()'))
})

test('each way to fail has its reason', async () => {
  const reasons: readonly (readonly [PowerShellRan | Error, RegExp])[] = [
    [{ code: 101, out: '' }, /access denied/],
    [{ code: 106, out: '' }, /too little space/],
    [{ code: 109, out: '' }, /another one is being made/],
    [{ code: 1, out: '' }, /exit code 1/],
    [{ code: null, out: '' }, /longer than 120 s/],
    [{ code: 0, out: '' }, /something else/],
    [{ code: 0, out: JSON.stringify({ id: "x' -or 1 -eq 1", device }) }, /something else/],
    [{ code: 0, out: JSON.stringify({ id, device: '\\\\?\\C:\\elsewhere' }) }, /something else/],
    [new Error('spawn ENOENT'), /ENOENT/],
  ]
  for (const [answer, why] of reasons)
    await assert.rejects(answering(answer).snapshots.take('C:'), error => why.test((error as Error).message))
})

test('only a drive becomes part of a script', async () => {
  const { asked, snapshots } = answering()
  for (const volume of ['/', "C:'", 'CC:', 'C:\\', '']) await assert.rejects(snapshots.take(volume))
  assert.deepEqual(asked, [])
})

test('a copy that cannot be deleted stops nothing', async () => {
  const { snapshots } = answering(made, new Error('gone'))
  const taken = await snapshots.take('C:')
  await taken[Symbol.asyncDispose]()
})

test('one that a killed agent left is deleted by its id, and nothing else becomes part of a script', async () => {
  const { asked, snapshots } = answering({ code: 0, out: '' }, { code: 1, out: '' }, new Error('gone'))
  assert.equal(await snapshots.remove(id), true)
  assert.ok(asked[0]?.includes(`ID='${id}'`) && asked[0].includes('Delete()'))
  for (let i = 0; i < 2; i++) assert.equal(await snapshots.remove(id), false, 'it is tried again')
  const before = asked.length
  assert.equal(await snapshots.remove("x' -or 1 -eq 1"), true)
  assert.equal(asked.length, before)
})

test('what is opened by the volume is opened in its snapshot, and all below by its handle', async () => {
  using now = await temporaryFolder()
  using before = await temporaryFolder()
  const { system } = now
  const name = utf8('file')
  system.close(system.createFile(before.handle, name, 0o600))
  let isOver = false
  const snapshots: VolumeSnapshots = {
    async take() {
      const over = async () => {
        isOver = true
      }
      return { path: utf8(before.path), [Symbol.asyncDispose]: over }
    },
    remove: async () => true,
  }
  {
    await using frozen = await freeze(system, snapshots, [utf8(now.path)])
    assert.deepEqual(frozen.alarms, [])
    const top = frozen.system.openFolder(-100, utf8(now.path))
    assert.equal(frozen.system.statAt(top, name).kind, 'file')
    assert.equal(frozen.system.statAt(-100, utf8(now.path)).inode, system.stat(before.handle).inode)
    frozen.system.close(top)
  }
  assert.ok(isOver)
})

test('without a snapshot the volume itself is read, and that is an alarm', async () => {
  using folder = await temporaryFolder()
  const refusing = answering({ code: 106, out: '' }).snapshots
  await using frozen = await freeze(folder.system, refusing, [utf8('D:')])
  assert.deepEqual(
    frozen.alarms.map(({ code, message }) => [code, message]),
    [
      [
        'vss_failed',
        'no snapshot of D: could be taken, so that files in use are left out: there is too little space for it',
      ],
    ],
  )
  assert.equal(frozen.system.stat(folder.handle).kind, 'folder')
})

test('when the backup is told to end, the snapshot is not waited for', async () => {
  using folder = await temporaryFolder()
  const stop = new AbortController()
  const snapshots: VolumeSnapshots = {
    take: async (_, signal) => {
      stop.abort(new Error('told to end'))
      throw signal?.reason
    },
    remove: async () => true,
  }
  await assert.rejects(freeze(folder.system, snapshots, [utf8('C:')], stop.signal), /told to end/)
})

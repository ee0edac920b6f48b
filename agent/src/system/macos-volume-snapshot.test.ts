// Snapshots of APFS by Time Machine's tool, whose words are those of its manual.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8 } from '@backstay/proto/bytes'
import { macosVolumeSnapshots } from './macos-volume-snapshot.ts'

const date = '2026-11-22-101500'
const mount = '/tmp/backstay-snapshot-Ab12Cd'

function mac(
  refuses: (program: string) => boolean = () => false,
  said = `Created local snapshot with date: ${date}\n`,
) {
  const ran: string[] = []
  let mounts = 0
  const snapshots = macosVolumeSnapshots(
    async (program, words) => {
      ran.push([program, ...words].join(' '))
      if (refuses(program)) throw new Error(`${program} refuses`)
      return said
    },
    {
      make() {
        mounts++
        return mount
      },
      remove: () => !refuses('rmdir') && mounts-- > -1,
    },
  )
  return { ran, snapshots, mounts: () => mounts }
}

test('one is made, mounted read-only beside the volume of data, and gone afterwards', async () => {
  const { ran, snapshots, mounts } = mac()
  const taken = await snapshots.take('/')
  assert.equal(fromUtf8(taken.path), mount)
  await taken[Symbol.asyncDispose]()
  assert.deepEqual(ran, [
    '/usr/bin/tmutil localsnapshot',
    `/sbin/mount_apfs -o ro,nobrowse -s com.apple.TimeMachine.${date}.local /System/Volumes/Data ${mount}`,
    `/sbin/umount ${mount}`,
    `/usr/bin/tmutil deletelocalsnapshots ${date}`,
  ])
  assert.equal(mounts(), 0)
})

test('where it is not permitted the volume itself is read, and nothing is left behind', async () => {
  for (const program of ['/usr/bin/tmutil', '/sbin/mount_apfs']) {
    const { snapshots, mounts } = mac(one => one === program)
    const taken = await snapshots.take('/')
    assert.equal(fromUtf8(taken.path), '/', program)
    await taken[Symbol.asyncDispose]()
    assert.equal(mounts(), 0)
  }
  const { ran, snapshots } = mac(() => false, 'Created local snapshot with date: ; rm -rf /\n')
  assert.equal(fromUtf8((await snapshots.take('/')).path), '/')
  assert.deepEqual(ran, ['/usr/bin/tmutil localsnapshot'])
  assert.equal(fromUtf8((await mac().snapshots.take('/Volumes/Stick')).path), '/Volumes/Stick')
})

test('one that a killed agent left is unmounted and deleted by its name, and nothing else is', async () => {
  const { snapshots } = mac()
  const { name = '' } = await snapshots.take('/')
  const later = mac()
  assert.equal(await later.snapshots.remove(name), true)
  assert.deepEqual(later.ran, [`/sbin/umount ${mount}`, `/usr/bin/tmutil deletelocalsnapshots ${date}`])
  const busy = mac(one => one === '/sbin/umount' || one === 'rmdir')
  assert.equal(await busy.snapshots.remove(name), false, 'it is tried again')
  for (const other of [
    `${date} /Users/ada`,
    `${date} relative/backstay-snapshot-Ab12Cd`,
    `; ${mount}`,
    mount,
    '',
  ]) {
    const { ran, snapshots } = mac()
    assert.equal(await snapshots.remove(other), true)
    assert.deepEqual(ran, [])
  }
})

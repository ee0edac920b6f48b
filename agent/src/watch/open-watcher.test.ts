import assert from 'node:assert/strict'
import { closeSync, constants as flags, mkdtempSync, openSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import { fileSystemKind, kindOfType } from '../system/file-systems.ts'
import { loadSystem } from '../system/load.ts'
import { loadBackground } from '../system/load-background.ts'
import { fromRoot, type System } from '../system/system.ts'
import { openWatcher } from './open-watcher.ts'

const system = await loadSystem()
const background = await loadBackground()
const onLinux = { skip: process.platform !== 'linux' }

test('file systems of other machines and of the kernel are known by their numbers', onLinux, () => {
  const kinds = [0x6969, 0xff534d42, 0x65735546, 0xef53, 0x58465342, 0x9123683e, 0x01021994].map(kindOfType)
  // NFS, CIFS, FUSE; ext4, XFS, btrfs, tmpfs.
  assert.deepEqual(kinds, ['network', 'network', 'network', 'local', 'local', 'local', 'local'])
  const kindOf = (path: string) => {
    const handle = openSync(path, flags.O_RDONLY | flags.O_DIRECTORY)
    try {
      return fileSystemKind(handle)
    } finally {
      closeSync(handle)
    }
  }
  assert.equal(kindOf('/proc'), 'kernel')
  assert.equal(fileSystemKind(1_000_000), 'network', 'what cannot be told is polled, too')
})

test('a network mount is polled and says so, the disk beside it is watched', onLinux, async t => {
  const [share, disk] = ['share', 'disk'].map(name => mkdtempSync(join(tmpdir(), `backstay-${name}-`)))
  assert.ok(share && disk)
  t.after(() => {
    for (const folder of [share, disk]) rmSync(folder, { recursive: true })
  })
  const roots = [share, disk].map(path => ({ path: utf8(path), excludes: undefined }))
  const around = { system, clock: simulatedClock(), state: utf8('/state'), notices: background.notices }
  const states = async (more: Partial<Parameters<typeof openWatcher>[1]>) => {
    await using watcher = openWatcher(roots, { ...around, ...more })
    await watcher.ready
    return watcher.health().roots.map(one => one.state)
  }
  const shared = system.tryOpenFolder(fromRoot, utf8(share))
  t.after(() => system.close(shared))
  const { inode } = system.stat(shared)
  const onNetwork: System = {
    ...system,
    fileSystemKind: folder => (system.stat(folder).inode === inode ? 'network' : 'local'),
  }
  assert.deepEqual(await states({ system: onNetwork }), ['polled', 'watched'])
  const silent: System = { ...system, tryOpenFolder: () => -constants.errno.ETIMEDOUT }
  assert.deepEqual(await states({ system: silent }), ['polled', 'polled'])
  const none = () => {
    throw new Failure('no_notices', 'none left')
  }
  assert.deepEqual(await states({ notices: none }), ['polled', 'polled'])
})

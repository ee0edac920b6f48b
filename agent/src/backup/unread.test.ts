// What cannot be read, changes while it is read, or is gone: the last good content stays, and nothing is passed over in silence.
import assert from 'node:assert/strict'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type FileReader, readBatch } from '../reading/read-batch.ts'
import type { StatBuffer, System } from '../system/system.ts'
import { SystemError } from '../system/system-error.ts'
import { restoreTo } from '../testing/memory-vault.ts'
import { backupPlace, entries, settled } from './testing/backup-place.ts'

const place = () => backupPlace('unread')

test('a file that grows while it is read is kept and reported', async () => {
  using at = await place()
  const file = join(at.data, 'log')
  writeFileSync(file, 'line\n'.repeat(1000))
  const tryStat: typeof at.system.tryStat = (handle, into) => {
    const result = at.system.tryStat(handle, into)
    if (into.kind === 'file') appendFileSync(file, 'one more\n')
    return result
  }
  const { built, unread } = await at.run([at.data], { ...settled, system: { ...at.system, tryStat } })
  assert.deepEqual([...unread], [['changed', 1]])
  const entry = (await entries(at.vault, built.root)).get(file)
  assert.equal(entry?.kind, 'unread')
  assert.equal(entry?.unread?.kind, 'file')
  const result = await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.ok(readFileSync(join(at.out, 'log'), 'utf8').startsWith('line\n'.repeat(1000)))
  assert.equal(result.report.counts.unread, 1)
})

test('a file that claims more than 64 TiB is reported, keeps what it had, and holds up no other', async () => {
  using at = await place()
  const [file, other] = [join(at.data, 'claims'), join(at.data, 'other')]
  writeFileSync(file, 'what it had before\n'.repeat(100))
  await at.run([at.data], settled)
  writeFileSync(other, 'another file\n'.repeat(100))
  appendFileSync(file, 'more')
  const { ino } = statSync(file)
  const claiming =
    <Given extends unknown[]>(look: (...given: [...Given, StatBuffer]) => number) =>
    (...given: [...Given, StatBuffer]) => {
      const result = look(...given)
      const into = given.at(-1) as StatBuffer
      if (into.inode === ino) Object.assign(into, { size: 2 ** 63, blocks: 8 })
      return result
    }
  const system = {
    ...at.system,
    tryStat: claiming(at.system.tryStat),
    tryStatAt: claiming(at.system.tryStatAt),
  }
  const { built, unread } = await at.run([at.data], { ...settled, system })
  assert.deepEqual([...unread], [['unsupported', 1]])
  const found = await entries(at.vault, built.root)
  assert.deepEqual(found.get(file)?.unread, { kind: 'file', reason: 'unsupported', detail: 'EFBIG' })
  assert.equal(found.get(other)?.kind, 'file')
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(readFileSync(join(at.out, 'claims'), 'utf8'), 'what it had before\n'.repeat(100))
})

/** Reads ahead as the threads do, after something happened to the files. */
function readerAfter(system: System, happens: () => void): FileReader {
  return {
    async read(batch) {
      happens()
      return readBatch(system, batch)
    },
  }
}

for (const readsAhead of [true, false]) {
  const how = readsAhead ? 'and reading it ahead' : 'and reading it in its turn'
  const happening = (system: System, happens: () => void) => {
    if (readsAhead) return { reader: readerAfter(system, happens) }
    const openFile: System['openFile'] = (...given) => {
      happens()
      return system.openFile(...given)
    }
    return { system: { ...system, openFile } }
  }

  test(`a file that vanishes between listing ${how} is no part of the snapshot`, async () => {
    using at = await place()
    for (const name of ['a', 'b', 'c']) writeFileSync(join(at.data, name), name.repeat(500))
    const { built, unread } = await at.run(
      [at.data],
      happening(at.system, () => rmSync(join(at.data, 'b'), { force: true })),
    )
    assert.equal(unread.size, 0)
    const found = await entries(at.vault, built.root)
    assert.ok(found.has(join(at.data, 'a')) && !found.has(join(at.data, 'b')))
  })

  test(`a file that is replaced between listing ${how} comes with its new content`, async () => {
    using at = await place()
    for (const name of ['a', 'b', 'c']) writeFileSync(join(at.data, name), name.repeat(500))
    const { built } = await at.run(
      [at.data],
      happening(at.system, () => {
        writeFileSync(join(at.path, 'd'), 'new '.repeat(500))
        renameSync(join(at.path, 'd'), join(at.data, 'b'))
      }),
    )
    const found = await entries(at.vault, built.root)
    assert.equal(found.get(join(at.data, 'b'))?.size, 2000)
  })
}

test('a reading thread that dies ends the backup with its reason', async () => {
  using at = await place()
  writeFileSync(join(at.data, 'a'), 'a'.repeat(500))
  const reader: FileReader = {
    read: async () => Promise.reject(new Error('out of memory')),
  }
  await assert.rejects(at.run([at.data], { reader }), /out of memory/)
})

test('without permission the last good content stays, and every name is listed', async () => {
  using at = await place()
  mkdirSync(join(at.data, 'closed'))
  writeFileSync(join(at.data, 'closed/inside'), 'inside '.repeat(50))
  writeFileSync(join(at.data, 'secret'), 'secret '.repeat(50))
  await at.run([at.data], settled)
  chmodSync(join(at.data, 'secret'), 0)
  chmodSync(join(at.data, 'closed'), 0)
  const EACCES = 13
  const refuse = (name: Uint8Array, result: () => number) =>
    ['secret', 'closed'].includes(new TextDecoder().decode(name)) ? -EACCES : result()
  const refusing = {
    ...at.system,
    // Root is refused nothing, so the refusal is played; real processes without rights are tested in scripts/drills.
    tryOpenFolder: (folder: number, name: Uint8Array) =>
      refuse(name, () => at.system.tryOpenFolder(folder, name)),
    openFile(folder: number, name: Uint8Array) {
      if (new TextDecoder().decode(name) === 'secret') throw new SystemError(EACCES, 'open')
      return at.system.openFile(folder, name)
    },
  }
  const { built, unread } = await at.run([at.data], { ...settled, system: refusing })
  assert.deepEqual([...unread], [['denied', 2]])
  const found = await entries(at.vault, built.root)
  assert.equal(found.get(join(at.data, 'secret'))?.unread?.detail, 'EACCES')
  assert.equal(found.get(join(at.data, 'secret'))?.size, 350)
  assert.ok(found.has(join(at.data, 'closed/inside')))
  const result = await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(readFileSync(join(at.out, 'secret'), 'utf8'), 'secret '.repeat(50))
  chmodSync(join(at.data, 'closed'), 0o700)
  assert.equal(result.report.counts.unread, 2)
})

test('a folder that cannot even be looked at keeps all that was below it', async () => {
  using at = await place()
  mkdirSync(join(at.data, 'share/deep'), { recursive: true })
  writeFileSync(join(at.data, 'share/deep/plan'), 'a year of work')
  writeFileSync(join(at.data, 'thesis'), 'mine')
  await at.run([at.data], settled)
  const EIO = 5
  const silent = {
    ...at.system,
    tryStatAt: (folder: number, name: Uint8Array, into: StatBuffer) =>
      new TextDecoder().decode(name) === 'share' ? -EIO : at.system.tryStatAt(folder, name, into),
  }
  for (let again = 0; again < 2; again++) {
    writeFileSync(join(at.data, 'thesis'), `mine, changed ${again}`)
    const { built, unread } = await at.run([at.data], { ...settled, system: silent })
    const found = await entries(at.vault, built.root)
    assert.equal(found.get(join(at.data, 'share'))?.unread?.detail, 'EIO')
    assert.equal(found.get(join(at.data, 'share/deep/plan'))?.size, 14)
    assert.deepEqual([...unread], [['io', 1]])
  }
})

test('a root that is gone keeps what it had, and says so', async () => {
  using at = await place()
  writeFileSync(join(at.data, 'precious'), 'do not lose me '.repeat(30))
  mkdirSync(join(at.data, 'sub'))
  writeFileSync(join(at.data, 'sub/too'), 'nor me '.repeat(30))
  await at.run([at.data], settled)
  renameSync(at.data, `${at.data}-elsewhere`)
  const { built, unread } = await at.run([at.data], settled)
  assert.deepEqual([...unread], [['missing_root', 1]])
  const found = await entries(at.vault, built.root)
  const root = found.get(at.data)
  assert.equal(root?.unread?.reason, 'missing_root')
  assert.ok((root?.staleSinceS ?? 0) > 0)
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(readFileSync(join(at.out, 'sub/too'), 'utf8'), 'nor me '.repeat(30))
  renameSync(`${at.data}-elsewhere`, at.data)
  const back = await at.run([at.data], settled)
  assert.equal(back.built.unread, 0)
})

test('an entry with more attributes than a page can hold keeps its content and is reported', async () => {
  using at = await place()
  writeFileSync(join(at.data, 'file'), 'content '.repeat(100))
  const value = new Uint8Array(64 * 1024)
  const many = Array.from({ length: 70 }, (_, i) => ({ name: new TextEncoder().encode(`user.${i}`), value }))
  const system = { ...at.system, attributes: () => many }
  const { built, unread } = await at.run([at.data], { system })
  assert.deepEqual([...unread], [['unsupported', 1]])
  await restoreTo(at.vault, at.system, built, at.data, at.out)
  assert.equal(readFileSync(join(at.out, 'file'), 'utf8'), 'content '.repeat(100))
})

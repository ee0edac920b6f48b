// A backup that looks at the folders in which something changed makes the snapshot that a look at everything would make.
import assert from 'node:assert/strict'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import { excludesOf } from '@backstay/proto/policy/excludes'
import { type Random, seededRandom } from '../../../scripts/testing/random.ts'
import { rootTree, treeOfFolders } from '../scan/roots.ts'
import type { System } from '../system/system.ts'
import { SystemError } from '../system/system-error.ts'
import { laterClock, sealerHere } from '../testing/stand-ins.ts'
import { allNeeded } from './backup.ts'
import { backupPlace } from './testing/backup-place.ts'

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
console.log(`SEED=${seed}`)

async function place() {
  const there = await backupPlace('partial')
  const { data, vault, system } = there
  const roots = [{ path: utf8(data), excludes: excludesOf(['*.tmp']) }]
  // Root is refused nothing, so the refusal is played.
  const refusing: System = {
    ...system,
    openFile(at, name) {
      if (fromUtf8(name) === 'refused') throw new SystemError(constants.errno.EACCES, 'open')
      return system.openFile(at, name)
    },
  }
  const overrides = { system: refusing, sealer: sealerHere, clock: laterClock }
  const run = (scope: object) => there.run([data], { ...overrides, ...scope })
  return {
    ...{ data, vault },
    all: () => run({ roots: rootTree(roots) }),
    some: (folders: Iterable<string>) =>
      run({ roots: treeOfFolders(roots, [...folders].map(utf8)), isPartial: true }),
    [Symbol.dispose]: () => there[Symbol.dispose](),
  }
}

/** Changes a tree as people and programs do; `touched` are the folders that a watcher would name. */
function changes(data: string, random: Random) {
  const touched = new Set<string>()
  let made = 0
  const { pick } = random
  const folders = () =>
    [data, ...readdirSync(data, { recursive: true }).map(name => join(data, `${name}`))].filter(path =>
      lstatSync(path).isDirectory(),
    )
  const things = () => readdirSync(data, { recursive: true }).map(name => join(data, `${name}`))
  const touch = (path: string) => touched.add(dirname(path))
  const write = (path: string) => {
    writeFileSync(path, `content ${made++}`.repeat(1 + random.below(40)))
    touch(path)
  }
  const fill = (path: string, depth: number) => {
    mkdirSync(path)
    for (let n = random.below(6); n > 0; n--) writeFileSync(join(path, `f${n}`), `new ${made++}`)
    if (depth > 0) for (let n = random.below(3); n > 0; n--) fill(join(path, `d${n}`), depth - 1)
    touch(path)
  }
  const remove = (path: string) => {
    rmSync(path, { recursive: true })
    touch(path)
  }
  const fresh = () => join(pick(folders()), `${pick(['a', 'm', 'z'])}${made++}`)
  const deeds: readonly (() => void)[] = [
    () => write(fresh()),
    () => write(`${fresh()}.tmp`),
    () => fill(fresh(), 2),
    () => symlinkSync('nowhere', fresh()),
    () => {
      const one = pick(folders())
      chmodSync(one, pick([0o700, 0o755, 0o711]))
      touched.add(one)
    },
    () => existing(remove),
    () =>
      existing(path => {
        const to = fresh()
        if (to.startsWith(`${path}/`)) return
        renameSync(path, to)
        touch(path)
        touch(to)
      }),
    // Something of the same name and another kind, or another folder in its place.
    () =>
      existing(path => {
        remove(path)
        if (random.below(2) === 0) write(path)
        else fill(path, 1)
      }),
    () =>
      existing(path => {
        if (lstatSync(path).isFile()) write(path)
      }),
  ]
  function existing(deed: (path: string) => void): void {
    const all = things()
    if (all.length > 0) deed(pick(all))
  }
  return {
    touched,
    some(count: number) {
      for (let n = 0; n < count; n++) pick(deeds)()
      // Deeds that forget to say where, such as the link, are told of here.
      for (const path of things()) if (lstatSync(path).isSymbolicLink()) touch(path)
    },
  }
}

describe('a backup of some folders', () => {
  it('makes the snapshot that a look at everything would make', async () => {
    const random = seededRandom(seed)
    using at = await place()
    const change = changes(at.data, random)
    change.some(60)
    for (let n = 0; n < 40; n++) {
      for (const name of [join(at.data, `wide${n}`)]) {
        mkdirSync(name)
        for (let file = 0; file < 20; file++) writeFileSync(join(name, `file${file}`), `${n} ${file}`)
      }
    }
    await at.all()
    for (let round = 0; round < (process.env.SLOW ? 400 : 40); round++) {
      change.touched.clear()
      change.some(1 + random.below(4))
      const some = await at.some(change.touched)
      const all = await at.all()
      assert.equal(some.built.root.id, all.built.root.id, `round ${round}, hinted: ${[...change.touched]}`)
      assert.equal(some.built.entries, all.built.entries)
      assert.equal(all.changed, 0)
    }
  })

  it('opens no page but those beside the change, and sends the change alone', async () => {
    using at = await place()
    for (let n = 0; n < 100; n++) {
      mkdirSync(join(at.data, `d${n}`))
      for (let file = 0; file < 50; file++) writeFileSync(join(at.data, `d${n}`, `f${file}`), `${n} ${file}`)
    }
    const before = await at.all()
    writeFileSync(join(at.data, 'd50/f7'), 'saved')
    at.vault.reset()
    const after = await at.some([join(at.data, 'd50')])
    assert.equal(after.changed, 1)
    assert.equal(after.built.entries, before.built.entries)
    assert(at.vault.sent.pages <= 4, `${at.vault.sent.pages} pages`)
    const again = await at.some([])
    assert.equal(again.built.root.id, after.built.root.id)
  })

  it('leaves a root that nobody named, and paths outside of all roots, as they were', async () => {
    using at = await place()
    writeFileSync(join(at.data, 'file'), 'one')
    const before = await at.all()
    writeFileSync(join(at.data, 'file'), 'another')
    const after = await at.some(['/', dirname(at.data), '/no/such/folder'])
    assert.equal(after.built.root.id, before.built.root.id)
  })

  it('leaves out what is excluded, whoever named it', async () => {
    using at = await place()
    mkdirSync(join(at.data, 'a.tmp/inside'), { recursive: true })
    const before = await at.all()
    writeFileSync(join(at.data, 'a.tmp/inside/file'), 'one')
    const after = await at.some([join(at.data, 'a.tmp'), join(at.data, 'a.tmp/inside')])
    assert.equal(after.built.root.id, before.built.root.id)
  })

  it('asks for a look at everything when a changed file has other names', async () => {
    using at = await place()
    mkdirSync(join(at.data, 'a'))
    mkdirSync(join(at.data, 'b'))
    writeFileSync(join(at.data, 'a/file'), 'one')
    linkSync(join(at.data, 'a/file'), join(at.data, 'b/file'))
    await at.all()
    writeFileSync(join(at.data, 'b/file'), 'another')
    await assert.rejects(at.some([join(at.data, 'b')]), { code: allNeeded })
  })

  it('counts what was not read elsewhere as still not read', async () => {
    using at = await place()
    mkdirSync(join(at.data, 'a'))
    mkdirSync(join(at.data, 'b'))
    writeFileSync(join(at.data, 'a/refused'), 'one')
    const before = await at.all()
    assert.deepEqual([...before.unread], [['denied', 1]])
    writeFileSync(join(at.data, 'b/file'), 'one')
    const after = await at.some([join(at.data, 'b')])
    assert.deepEqual([...after.unread], [...before.unread])
    assert.equal(after.built.unread, 1)
  })
})

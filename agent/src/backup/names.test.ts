// Which names a device had in which snapshots, told by runs that any of its commits leads to.
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fromUtf8 } from '@backstay/proto/bytes'
import { openNames, readNameIndex } from '@backstay/proto/content/archive/names-of'
import type { Reference } from '@backstay/proto/content/entry'
import { pathOf } from '@backstay/proto/content/map/key'
import { eachName, type NameRun } from '@backstay/proto/content/names'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { ObjectId } from '@backstay/proto/object/id'
import { seededRandom } from '../../../scripts/testing/random.ts'
import { openMemory } from '../memory/memory.ts'
import { loadSystem } from '../system/load.ts'
import { backUp, type memoryVault, testKeys } from '../testing/memory-vault.ts'
import { laterClock } from '../testing/stand-ins.ts'
import { dropMissingNames, keepNames } from './names.ts'
import { backupPlace } from './testing/backup-place.ts'

const dayMs = 86_400_000
const system = await loadSystem()

/** A folder, backed up once a day unless told otherwise. */
async function place() {
  const there = await backupPlace('names')
  const { data, vault, memoryFile } = there
  let sequence = 0
  let nowMs = laterClock.now()
  const at = {
    ...{ data, vault, memoryFile },
    write: (name: string) => writeFileSync(join(data, name), name),
    /** The index that the commit names. */
    async backUp(options: { readonly afterMs?: number; readonly isWhole?: boolean } = {}) {
      nowMs += options.afterMs ?? dayMs
      sequence++
      const clock = { ...laterClock, now: () => nowMs }
      let index: Reference | undefined
      await backUp({
        ...{ roots: [data], memoryFile, vault, system, overrides: { clock } },
        names: (memory, change) =>
          keepNames({
            ...{ primitives: p, clock, keys: testKeys, memory, change, store: vault, sequence },
            ...{ isWhole: options.isWhole ?? true, keptMs: 400 * dayMs },
          }),
        listed: reference => {
          index = reference
        },
      })
      return index
    },
    async runs(index: Reference | undefined) {
      assert.ok(index)
      return readNameIndex(p, vault, index, testKeys)
    },
    /** What the runs say below the data folder: `name +#sequence` or `name -#sequence`. */
    async told(index: Reference | undefined) {
      const lines: string[] = []
      for (const run of await at.runs(index)) lines.push(...(await tellRun(run)))
      return lines.sort()
    },
    [Symbol.dispose]: () => there[Symbol.dispose](),
  }
  async function tellRun(run: NameRun): Promise<string[]> {
    const { bytes } = await openNames(p, vault, run.reference, testKeys)
    const lines: string[] = []
    let names = 0
    eachName(bytes, run.firstSequence, (key, sequence, isGone) => {
      names++
      const path = `/${pathOf(key.slice()).slice(1).map(fromUtf8).join('/')}`
      if (path.startsWith(`${data}/`))
        lines.push(`${path.slice(data.length + 1)} ${isGone ? '-' : '+'}#${sequence}`)
    })
    assert.equal(names, run.names)
    return lines
  }
  return at
}

test('the first run has all names, later ones what came and went', async () => {
  using at = await place()
  at.write('a')
  at.write('b')
  const first = await at.backUp()
  assert.deepEqual(await at.told(first), ['a +#1', 'b +#1'])
  assert.deepEqual(
    (await at.runs(first)).map(run => run.isAll),
    [true],
  )
  at.write('c')
  rmSync(join(at.data, 'a'))
  writeFileSync(join(at.data, 'b'), 'changed')
  const second = await at.backUp()
  assert.deepEqual(await at.told(second), ['a +#1', 'a -#2', 'b +#1', 'c +#2'])
  assert.deepEqual(
    (await at.runs(second)).map(run => run.isAll),
    [true, false],
  )
})

test('within a day no run is made, and nothing is forgotten that came and went in it', async () => {
  using at = await place()
  at.write('a')
  const first = await at.backUp()
  at.write('short')
  assert.deepEqual(await at.backUp({ afterMs: 1000 }), first)
  rmSync(join(at.data, 'short'))
  assert.deepEqual(await at.backUp({ afterMs: 1000 }), first)
  at.write('late')
  assert.deepEqual(await at.told(await at.backUp()), ['a +#1', 'late +#4', 'short +#2', 'short -#3'])
})

test('a partial backup makes no run, however late it is', async () => {
  using at = await place()
  at.write('a')
  const first = await at.backUp()
  at.write('b')
  assert.deepEqual(await at.backUp({ isWhole: false }), first)
  assert.deepEqual(await at.told(await at.backUp()), ['a +#1', 'b +#2'])
})

test('a folder that is renamed is gone and there, with all below', async () => {
  using at = await place()
  mkdirSync(join(at.data, 'old/deep'), { recursive: true })
  at.write('old/x')
  at.write('old/deep/y')
  await at.backUp()
  renameSync(join(at.data, 'old'), join(at.data, 'new'))
  const told = await at.told(await at.backUp())
  for (const name of ['', '/x', '/deep', '/deep/y']) {
    assert.ok(told.includes(`old${name} -#2`), `old${name}`)
    assert.ok(told.includes(`new${name} +#2`), `new${name}`)
  }
  assert.equal(told.length, 12)
})

test('runs of many days are laid together, and say the same', async () => {
  using at = await place()
  at.write('a')
  await at.backUp()
  const expected = ['a +#1']
  let index: Reference | undefined
  for (let day = 2; day <= 40; day++) {
    at.write(`day-${day}`)
    if (day > 2) rmSync(join(at.data, `day-${day - 1}`))
    expected.push(`day-${day} +#${day}`, ...(day > 2 ? [`day-${day - 1} -#${day}`] : []))
    index = await at.backUp()
  }
  assert.deepEqual(await at.told(index), expected.sort())
  assert.ok((await at.runs(index)).length <= 33)
})

test('a run that the collector lost: all names are listed anew, the other runs stay', async () => {
  using at = await place()
  at.write('a')
  const first = await at.backUp()
  at.write('b')
  rmSync(join(at.data, 'a'))
  const [all, some] = await at.runs(await at.backUp())
  at.vault.objects.delete(all?.reference.id as ObjectId)
  await forgetMissing(at)
  assert.deepEqual(await at.told(await at.backUp({ afterMs: 1000 })), ['a -#2', 'b +#2', 'b +#2'])
  at.vault.objects.delete(some?.reference.id as ObjectId)
  at.vault.objects.delete(first?.id as ObjectId)
  await forgetMissing(at)
  assert.deepEqual(await at.told(await at.backUp({ afterMs: 1000 })), ['b +#3'])
})

test('memory that knows no lists, of an agent before they came: all names are listed', async () => {
  using at = await place()
  at.write('a')
  await backUp({
    roots: [at.data],
    memoryFile: at.memoryFile,
    vault: at.vault,
    system,
    overrides: { clock: laterClock },
  })
  await at.backUp()
  at.write('b')
  const index = await at.backUp()
  assert.deepEqual(await at.told(index), ['a +#0', 'b +#2'])
})

async function forgetMissing({
  memoryFile,
  vault,
}: {
  memoryFile: string
  vault: ReturnType<typeof memoryVault>
}) {
  const memory = openMemory(memoryFile)
  await dropMissingNames(memory, vault.missing)
  memory.close()
}

test('whatever happens to a folder, the runs told in order give the names that are there', async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007)
  console.log(`SEED=${seed}`)
  const random = seededRandom(seed)
  using at = await place()
  const there = new Set<string>()
  let index: Reference | undefined
  for (let round = 0; round < (process.env.SLOW ? 120 : 15); round++) {
    for (let change = random.below(6); change > 0; change--) {
      const name = `${random.pick(['', 'd/', 'd/e/'])}${random.below(8)}`
      if (random.below(8) === 0) {
        rmSync(join(at.data, 'd'), { recursive: true, force: true })
        for (const one of there) if (one === 'd' || one.startsWith('d/')) there.delete(one)
      } else if (there.delete(name)) rmSync(join(at.data, name))
      else {
        mkdirSync(dirname(join(at.data, name)), { recursive: true })
        at.write(name)
        for (let one = name; one !== '.'; one = dirname(one)) there.add(one)
      }
    }
    const isLast = round % 5 === 4
    index = await at.backUp({ afterMs: isLast ? dayMs : 1000, isWhole: isLast || random.below(2) === 0 })
    if (!isLast) continue
    const events = (await at.told(index)).map(line => /^(.*) ([+-])#(\d+)$/.exec(line) as RegExpExecArray)
    const now = new Set<string>()
    for (const [, name, sign] of events.toSorted((a, b) => Number(a[3]) - Number(b[3])))
      if (sign === '+') now.add(name as string)
      else now.delete(name as string)
    assert.deepEqual([...now].sort(), [...there].sort(), `round ${round}`)
  }
})

// What the agent remembers is lost, old or another's; what the collector knows is rolled back; the identity is damaged.
// No wrong byte is ever restored, no file is sent again, and nothing is re-based without a word.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../testing/random.ts'
import { changingTree, differingPaths, fingerprint } from './changing-tree.ts'
import { type BackupResult, type Device, makeFleet, need } from './fleet.ts'
import { jsonOf } from './processes.ts'

const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const size = { smallFiles: 300, largeFiles: 3, largeBytes: 900_000, imageBytes: 1024 * 1024 }
const tree = changingTree(fleet.path('home'), seededRandom(5), size)
const other = changingTree(fleet.path('other-home'), seededRandom(6), size)
const laptop = await fleet.enroll('laptop')
const desktop = await fleet.enroll('desktop')
const memoryOf = (device: Device) => join(device.state, 'memory.sqlite')
const yesterday = fleet.path('yesterday')

await desktop.backup(other.path)
await laptop.backup(tree.path)
await fleet.collector.end('SIGTERM')
cpSync(memoryOf(laptop), fleet.path('yesterday.sqlite'))
cpSync(fleet.data, yesterday, { recursive: true })
await fleet.startCollector()
tree.change()
// What changed within the last second is read again: such files could change once more within the same tick of a clock.
await sleep(1_100)
await laptop.backup(tree.path)

const memories: readonly { readonly name: string; readonly spoil: () => void }[] = [
  { name: 'that was deleted', spoil: () => undefined },
  { name: 'from yesterday', spoil: () => cpSync(fleet.path('yesterday.sqlite'), memoryOf(laptop)) },
  { name: 'of another commit and device', spoil: () => cpSync(memoryOf(desktop), memoryOf(laptop)) },
  {
    name: 'that is no database any more',
    spoil: () => writeFileSync(memoryOf(laptop), new Uint8Array(8192).fill(7)),
  },
]

for (const { name, spoil } of memories) {
  test(`a memory ${name} is rebuilt: files are read again and not sent again`, async () => {
    for (const ending of ['', '-wal', '-shm']) rmSync(memoryOf(laptop) + ending, { force: true })
    spoil()
    const result = await laptop.backup(tree.path)
    assert.deepEqual(result.alarms, [])
    requireFewBytes(result)
    await requireEqual(`#${result.sequence}`)
    const unchanged = await laptop.backup(tree.path)
    assert.equal(unchanged.readBytes, 0, 'now it remembers again')
  })
}

test('a change made while the memory was lost is in the next snapshot, and only that is sent', async () => {
  rmSync(memoryOf(laptop))
  const before = (await laptop.backup(tree.path)).sequence
  tree.change()
  await sleep(1_100)
  cpSync(fleet.path('yesterday.sqlite'), memoryOf(laptop))
  const result = await laptop.backup(tree.path)
  assert.equal(result.sequence, before + 1)
  assert(result.sentBytes < result.bytes * 0.9, `${result.sentBytes} of ${result.bytes} bytes were sent`)
  await requireEqual(`#${result.sequence}`)
})

test("a collector that is put back to yesterday is noticed: alarm, a marked branch, and today's data again", async () => {
  const today = await laptop.backup(tree.path)
  await fleet.collector.end('SIGTERM')
  rmSync(fleet.data, { recursive: true })
  cpSync(yesterday, fleet.data, { recursive: true })
  await fleet.startCollector()

  const looked = need(await laptop.run('ls', tree.path, '--json'))
  assert.match(looked.err, new RegExp(`^warning: snapshot #${today.sequence} was acknowledged`, 'm'))
  const ran = need(await laptop.run('backup', tree.path, '--json'))
  const result = jsonOf<BackupResult>(ran)
  assert.match(
    ran.err,
    /^warning: the collector's newest snapshot is #1, but #\d+ was acknowledged: it was rolled back$/m,
  )
  assert.equal(result.alarms.length, 1)
  assert.equal(result.sequence, 2)
  await requireEqual('#2')
  const [newest, first] = await snapshots()
  assert.deepEqual([newest?.sequence, first?.sequence], [2, 1])
  assert.match(newest?.branch ?? '', /^[0-9a-f]{32}$/)
  assert.equal(first?.branch, undefined)
  // What happened is said once and stays in the list; from here on all is as ever.
  const next = await laptop.backup(tree.path)
  assert.deepEqual([next.sequence, next.alarms, next.readBytes], [3, [], 0])
})

for (const name of [
  'device.json',
  'trust.json',
  'orders.json',
  'head.json',
  'device.secret',
  'epoch-1.secret',
]) {
  test(`an identity with a damaged ${name} stops the agent with the name of what is damaged`, async () => {
    const file = join(laptop.state, 'identity', name)
    const good = readFileSync(file)
    for (const spoilt of [good.subarray(0, good.length / 2), flipped(good), new Uint8Array(good.length)]) {
      writeFileSync(file, spoilt)
      for (const words of [['backup', tree.path], ['snapshots']]) {
        const { code, err, out } = await laptop.run(...words)
        assert.equal(code, 1)
        assert.equal(out, '')
        assert.match(err, /^error: .*(damaged|changed|cut|written)/m)
        assert(err.includes(name.replace('.secret', '')), err)
        assert.match(err, /^hint: put back the file from a copy of the state folder/m)
      }
    }
    rmSync(file)
    const missing = await laptop.run('backup', tree.path)
    assert.equal(missing.code, 1)
    assert.match(
      missing.err,
      name === 'device.json' ? /^error: this device is not enrolled/m : /^error: .* is missing/m,
    )
    writeFileSync(file, good)
    assert.deepEqual((await laptop.backup(tree.path)).alarms, [])
  })
}

function requireFewBytes({ readBytes, bytes, sentBytes }: BackupResult): void {
  assert.equal(readBytes, bytes, 'every file is read')
  // Pages of the map at most: the files alone have some 5 MiB.
  assert(sentBytes < 256 * 1024, `${sentBytes} bytes were sent`)
}

async function requireEqual(at: string): Promise<void> {
  const to = fleet.path('restored')
  need(await laptop.run('restore', tree.path, '--to', to, '--at', at, '--json'))
  assert.deepEqual(differingPaths(fingerprint(tree.path), fingerprint(to)), [])
  rmSync(to, { recursive: true })
}

async function snapshots() {
  const ran = need(await laptop.run('snapshots', '--json'))
  return jsonOf<readonly { readonly sequence: number; readonly branch?: string }[]>(ran)
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes)
  const at = copy.length - 20
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

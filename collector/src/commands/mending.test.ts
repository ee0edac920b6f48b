// The commands that mend, run on real folders as a person would.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { systemClock as clock } from '@backstay/proto/system-clock'
import { latestSnapshot } from '../catalog/snapshots.ts'
import { openSqlite } from '../catalog/sqlite.ts'
import { openDataFolder } from '../data-folder.ts'
import { filesystemPackStore } from '../packs/filesystem.ts'
import { packKindNamed } from '../packs/pack-name.ts'
import { seededRandom } from '../packs/seeded-random.ts'
import { sampleTree } from '../testing/sample-objects.ts'
import { backUp, countReadable, enrol, laptop, sampleFleet } from '../testing/sample-vault.ts'
import { openVault } from '../upkeep/open-vault.ts'
import { run } from './program.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-mending-'))
after(() => rmSync(top, { recursive: true }))
const random = seededRandom(8)
let folders = 0

async function command(...words: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const signal = new AbortController().signal
  const code = await run(words, {
    print: line => void out.push(line),
    say: line => void err.push(line),
    environment: {},
    signal,
  })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

async function openFolder(data: string) {
  const folder = await openDataFolder(data)
  const sql = openSqlite(folder.catalog)
  const vault = await openVault({
    p,
    store: filesystemPackStore(folder.packs),
    sql,
    clock,
    limits: { reserveBytes: 0 },
  })
  return {
    ...vault,
    sql,
    folder,
    async close() {
      await vault.close()
      await sql.close()
      folder[Symbol.dispose]()
    },
  }
}

/** A folder with one snapshot. */
async function filledFolder() {
  const data = join(top, String(++folders))
  const vault = await openFolder(data)
  await enrol(vault.ingest, laptop)
  const tree = await sampleTree(random)
  const commit = await backUp(vault.ingest, laptop, tree)
  await vault.close()
  return { data, tree, commit }
}

function packFile(data: string, kind: 'segments' | 'pages'): string {
  for (const folder of readdirSync(join(data, 'packs'))) {
    for (const name of readdirSync(join(data, 'packs', folder))) {
      if (packKindNamed(name) === kind) return join(data, 'packs', folder, name)
    }
  }
  throw new Error(`there is no pack of ${kind}`)
}

test('scrub: nothing to find, then a turned bit, named in text and in JSON', async () => {
  const { data, tree } = await filledFolder()
  const sound = await command('scrub', '--data', data)
  deepEqual([sound.code, sound.err], [0, ''])
  match(sound.out, /read 2 packs \(.* KiB\) in .* s: 12 whole objects/)
  const file = packFile(data, 'segments')
  const bytes = readFileSync(file)
  const object = tree.objects[0]
  ok(object)
  const at = bytes.indexOf(object.stored) + 50
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
  const text = await command('scrub', '--data', data, '--rate', '100')
  equal(text.code, 1)
  match(text.out, new RegExp(`object ${object.id} of device ${laptop.id} is damaged`))
  match(
    text.out,
    new RegExp(`snapshot 1 of device ${laptop.id} needs at least 1 damaged object: ${object.id}`),
  )
  match(text.err, /^error: 1 finding: .*\nhint: /)
  const json = JSON.parse((await command('scrub', '--data', data, '--json')).out)
  equal(json.findings[0].id, object.id)
  const vault = await openFolder(data)
  await vault.ingest.put(laptop.id, object.stored)
  equal(await countReadable(vault.retrieve, laptop, tree.objects), tree.objects.length)
  await vault.close()
})

test('scrub --status: beside a running collector or without one, and what is damaged with it', async () => {
  const { data, tree } = await filledFolder()
  const vault = await openFolder(data)
  const sound = await command('scrub', '--status', '--data', data)
  deepEqual([sound.code, sound.err], [0, ''])
  match(sound.out, /^oldest unread byte: 0\.0 days, of 2 packs \(.* KiB\)$/m)
  match(sound.out, /^nothing is known to be damaged$/m)
  await vault.close()
  const file = packFile(data, 'segments')
  const bytes = readFileSync(file)
  const object = tree.objects[0]
  ok(object)
  const at = bytes.indexOf(object.stored) + 50
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
  await command('scrub', '--data', data)
  const { code, out, err } = await command('scrub', '--status', '--data', data)
  equal(code, 1)
  match(
    out,
    new RegExp(`device ${laptop.id}: 1 damaged object .*\\n  #1 needs at least 1 .*: the next backup`),
  )
  match(err, /^error: not everything is as it was stored\nhint: /)
  const json = JSON.parse((await command('scrub', '--status', '--json', '--data', data)).out)
  deepEqual(json.damage[0].snapshots[0].objects, [object.id])
  const nothing = await command('scrub', '--status', '--data', join(top, 'nothing'))
  match(nothing.err, /it has no catalog\nhint: is its disk mounted/)
})

test('rebuild: a new catalog in the place of the old one, which is kept', async () => {
  const { data, tree, commit } = await filledFolder()
  writeFileSync(join(data, 'catalog.sqlite'), 'not a database any more')
  const scrub = await command('scrub', '--data', data)
  equal(scrub.code, 1)
  match(scrub.err, /the catalog file is damaged.*\nhint: run: backstay-collector rebuild/)
  const { code, out, err } = await command('rebuild', '--data', data)
  deepEqual([code, err], [0, ''])
  match(out, /catalog made anew from 2 packs .*\n1 device, 1 snapshot, 12 objects/)
  equal(readFileSync(join(data, 'catalog.sqlite.old'), 'utf8'), 'not a database any more')
  ok(!readdirSync(data).some(name => name.includes('.new')))
  const vault = await openFolder(data)
  equal((await latestSnapshot(vault.sql, sampleFleet.trust.fleet, laptop.id))?.id, commit)
  equal(await countReadable(vault.retrieve, laptop, tree.objects), tree.objects.length)
  await vault.close()
})

test('rebuild: what is not in the packs any more is said, and the rest is there', async () => {
  const { data } = await filledFolder()
  rmSync(packFile(data, 'segments'))
  const { code, out, err } = await command('rebuild', '--data', data)
  equal(code, 1)
  match(out, /incomplete: snapshot 1 of device .* misses at least 4 objects: /)
  match(err, /^error: the catalog was made, but not everything is in the packs\nhint: /)
  const json = JSON.parse((await command('rebuild', '--data', data, '--json')).out)
  equal(json.incomplete[0].missing.length, 4)
})

test('check-store: this disk keeps all promises and is left as it was', async () => {
  const { data } = await filledFolder()
  const before = readdirSync(data).sort()
  const { code, out } = await command('check-store', '--data', data)
  equal(code, 0)
  match(out, /^ok {6}of twenty creators of one name exactly one wins$/m)
  match(out, /iB are free$/)
  deepEqual(readdirSync(data).sort(), before)
  ok(JSON.parse((await command('check-store', '--data', data, '--json')).out).freeBytes > 0)
})

test('none of them works beside a running collector, or makes a folder that is not there', async () => {
  const { data } = await filledFolder()
  using _ = await openDataFolder(data)
  for (const name of ['scrub', 'rebuild', 'check-store']) {
    const running = await command(name, '--data', data)
    equal(running.code, 1)
    match(running.err, /another process works in the data folder/)
    const absent = await command(name, '--data', join(top, 'absent'))
    equal(absent.code, 1)
    match(absent.err, /is not the data folder of a collector/)
    equal((await command(name)).code, 2)
    equal((await command(name, '--help')).code, 0)
  }
  ok(!readdirSync(top).includes('absent'))
  equal((await command('scrub', '--data', data, '--rate', 'x')).code, 2)
})

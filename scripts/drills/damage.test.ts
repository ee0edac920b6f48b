// Packs on the disk are damaged in every way that disks and people know. For each: what scrub says, what rebuild does, what
// a restore lists while all else comes back, and that the next backup heals what the device still has.
import assert from 'node:assert/strict'
import {
  cpSync,
  type Dirent,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { seededRandom } from '../testing/random.ts'
import { changingTree, differingPaths, fingerprint } from './changing-tree.ts'
import { makeFleet, need, type RestoreResult } from './fleet.ts'
import { runHere } from './here.ts'
import { jsonOf } from './processes.ts'

/** What `scrub --json` and `rebuild --json` print, as far as we look at it. */
interface ScrubResult {
  readonly found: number
  readonly findings: readonly {
    readonly kind: 'object' | 'pack'
    readonly pack: string
    readonly id?: string
    readonly why?: string
  }[]
  readonly snapshots: readonly { readonly sequence: number; readonly damaged: readonly string[] }[]
}
interface RebuildResult {
  readonly snapshots: number
  readonly incomplete: readonly { readonly sequence: number; readonly missing: readonly string[] }[]
}

interface Case {
  readonly name: string
  damage(): void
  /** Kinds of what scrub finds; empty: nothing, exit code 0. */
  readonly found: readonly ('object' | 'pack')[]
  /** Snapshots that scrub names as touched. */
  readonly touched: readonly number[]
  /** Snapshots that a catalog made anew has; the rest is named as incomplete. Undefined: the commit itself is lost. */
  readonly rebuilt: {
    readonly code: number
    readonly snapshots: number
    readonly incomplete: readonly number[]
  }
  /** Whether the newest snapshot loses files until the next backup. */
  readonly loses: boolean
  /** Whether its commit is lost, so that a restore takes the one before and says so. */
  readonly commitLost?: boolean
  /** Whether the lists of names are lost, and no snapshot with them. */
  readonly searchLost?: boolean
}

const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())
const size = { smallFiles: 120, largeFiles: 2, largeBytes: 800_000, imageBytes: 512 * 1024 }
const tree = changingTree(fleet.path('home'), seededRandom(7), size)
const laptop = await fleet.enroll('laptop')

// Two days, a pack of segments and one of pages each: a collector that stops seals what it wrote.
await laptop.backup(tree.path)
await fleet.collector.end('SIGTERM')
const [firstPages = '', firstSegments = ''] = packs()
const yesterdaysPrints = fingerprint(tree.path)
cpSync(join(fleet.data, 'catalog.sqlite'), fleet.path('yesterday.sqlite'))
await fleet.startCollector()
tree.change()
await laptop.backup(tree.path)
await fleet.collector.end('SIGTERM')
const [lastPages = '', lastSegments = ''] = packs().filter(
  pack => pack !== firstPages && pack !== firstSegments,
)
const prints = fingerprint(tree.path)
const good = { data: fleet.path('good-data'), state: fleet.path('good-state') }
cpSync(fleet.data, good.data, { recursive: true })
cpSync(laptop.state, good.state, { recursive: true })

const whole = { code: 0, snapshots: 2, incomplete: [] }
const bothIncomplete = { code: 1, snapshots: 0, incomplete: [1, 2] }
const cases: readonly Case[] = [
  {
    name: 'a pack of file bytes cut short',
    damage: () => truncateSync(at(firstSegments), 40_000),
    ...{ found: ['object'], touched: [1, 2], rebuilt: bothIncomplete, loses: true },
  },
  {
    name: 'a pack of file bytes that is gone',
    damage: () => rmSync(at(firstSegments)),
    ...{ found: ['pack'], touched: [1, 2], rebuilt: bothIncomplete, loses: true },
  },
  {
    name: 'a pack of file bytes full of zeros',
    damage: () => writeFileSync(at(firstSegments), new Uint8Array(statSync(at(firstSegments)).size)),
    ...{ found: ['pack', 'object'], touched: [1, 2], rebuilt: bothIncomplete, loses: true },
  },
  {
    // The names of packs mean nothing: each object is found by what it is, and the catalog is put right.
    name: 'two packs that changed places',
    damage: swap,
    ...{ found: ['object'], touched: [], rebuilt: whole, loses: false },
  },
  {
    name: 'a pack that is there twice',
    damage: () => cpSync(at(lastSegments), at(otherName(lastSegments))),
    ...{ found: [], touched: [], rebuilt: whole, loses: false },
  },
  {
    // A rebuild reads headers and leaves content to scrub: it must be quick when a fleet waits for it.
    name: 'one flipped byte in every object of a pack of file bytes',
    damage: () => flipEvery(at(lastSegments), 100_000),
    ...{ found: ['object'], touched: [2], rebuilt: whole, loses: true },
  },
  {
    // The records in it (Trust, grants, certificates, escrows) are put again from the catalog as soon as it is opened.
    name: 'the pack with the first pages and all records of the fleet gone',
    damage: () => rmSync(at(firstPages)),
    ...{ found: ['pack'], touched: [1], rebuilt: { code: 0, snapshots: 1, incomplete: [] }, loses: false },
    searchLost: true,
  },
  {
    name: 'the pack with the newest pages and the newest commit gone',
    damage: () => rmSync(at(lastPages)),
    ...{
      found: ['pack'],
      touched: [2],
      rebuilt: { code: 0, snapshots: 1, incomplete: [] },
      loses: false,
      commitLost: true,
    },
  },
  {
    name: 'a catalog that is gone',
    damage: removeCatalog,
    ...{ found: [], touched: [], rebuilt: whole, loses: false },
  },
  {
    name: "yesterday's catalog",
    damage() {
      removeCatalog()
      cpSync(fleet.path('yesterday.sqlite'), at('catalog.sqlite'))
    },
    ...{ found: [], touched: [], rebuilt: whole, loses: false },
  },
]

for (const one of cases) {
  test(`${one.name}: found, named, restored as far as it goes, healed by the next backup`, async t => {
    rmSync(fleet.data, { recursive: true })
    cpSync(good.data, fleet.data, { recursive: true })
    rmSync(laptop.state, { recursive: true })
    cpSync(good.state, laptop.state, { recursive: true })
    one.damage()

    await requireScrub(one)
    await requireRebuild(one)
    await fleet.startCollector()
    t.after(() => fleet.collector.end('SIGKILL'))
    await requireRestore(one)
    const { sequence, alarms } = await laptop.backup(tree.path)
    assert.deepEqual([sequence, alarms], [3, []])
    assert.deepEqual(await restored('#3'), { code: 0, lost: [], differing: [], err: '' })
    // Lists of names that were lost are made anew, all of them.
    if (one.searchLost) await requireSearch()
    await fleet.collector.end('SIGTERM')
    if (one.loses || one.commitLost) return
    const { snapshots } = jsonOf<ScrubResult>(
      await runHere('collector', ['scrub', '--json', '--data', fleet.data]),
    )
    assert(!snapshots.some(({ sequence }) => sequence === 2 || sequence === 3))
  })
}

async function requireSearch(): Promise<void> {
  const ran = need(await fleet.admin('search', 'laptop', 'image', '--json'))
  assert.doesNotMatch(ran.err, /warning/)
  const found = jsonOf<readonly { readonly path: string; readonly isThere: boolean }[]>(ran)
  assert.deepEqual(
    found.map(one => [one.path, one.isThere]),
    [[join(tree.path, 'image'), true]],
  )
}

/** Without keys, it names every damaged object and the snapshots that need it. */
async function requireScrub({ found, touched }: Case): Promise<void> {
  const ran = await runHere('collector', ['scrub', '--json', '--data', fleet.data])
  const report = jsonOf<ScrubResult>(ran)
  assert.equal(ran.code, found.length === 0 ? 0 : 1, ran.err)
  assert.deepEqual(new Set(report.findings.map(({ kind }) => kind)), new Set(found), JSON.stringify(report))
  assert.deepEqual(
    report.snapshots.map(({ sequence }) => sequence),
    touched,
  )
  const named = report.snapshots.flatMap(({ damaged }) => damaged)
  for (const { damaged } of report.snapshots) assert(damaged.length > 0)
  for (const id of [...named, ...report.findings.flatMap(({ id }) => id ?? [])])
    assert.match(id, /^[0-9a-f]{64}$/)
  if (found.length > 0) assert.match(ran.err, /^error: \d+ findings?: .+\nhint: check the disk/m)
}

/** From the packs alone, in a copy; which commits are not complete any more is said, and the exit code says so too. */
async function requireRebuild({ rebuilt }: Case): Promise<void> {
  const copy = fleet.path('copy')
  cpSync(fleet.data, copy, { recursive: true })
  const ran = await runHere('collector', ['rebuild', '--json', '--data', copy])
  rmSync(copy, { recursive: true })
  const { snapshots, incomplete } = jsonOf<RebuildResult>(ran)
  const sequences = incomplete.map(({ sequence }) => sequence)
  assert.deepEqual({ code: ran.code, snapshots, incomplete: sequences }, rebuilt, ran.err)
  for (const { missing } of incomplete) assert(missing.length > 0)
}

/** What is lost is listed by name, and everything else is there, byte for byte. */
async function requireRestore({ loses, commitLost }: Case): Promise<void> {
  const { code, lost, differing, err } = await restored(undefined, commitLost ? yesterdaysPrints : prints)
  assert.equal(code, loses ? 3 : 0, err)
  assert.deepEqual(differing, lost)
  assert.equal(lost.length > 0, loses)
  assert(lost.length < prints.size, 'something came back')
  if (commitLost) assert.match(err, /^warning: snapshot #2 .*the newest that is left is #1/m)
  else assert.equal(err, '')
}

async function restored(at: string | undefined, wanted = prints) {
  const to = fleet.path('restored')
  const when = at === undefined ? [] : ['--at', at]
  const ran = need(await laptop.run('restore', tree.path, '--to', to, '--json', ...when), 0, 3)
  const differing = differingPaths(wanted, fingerprint(to)).sort()
  rmSync(to, { recursive: true })
  const lost = jsonOf<RestoreResult>(ran).damaged.map(({ path }) => path)
  return { code: ran.code, lost: lost.sort(), differing, err: ran.err }
}

function at(name: string): string {
  return join(fleet.data, name)
}

/** Relative to the data folder, `.pages` before `.segments`. */
function packs(): string[] {
  const entries = readdirSync(join(fleet.data, 'packs'), { recursive: true, withFileTypes: true })
  const ending = (entry: Dirent) => entry.name.split('.').at(-1) ?? ''
  return entries
    .filter(entry => entry.isFile())
    .sort((a, b) => (ending(a) < ending(b) ? -1 : 1))
    .map(entry => join('packs', entry.name.slice(0, 2), entry.name))
}

function swap(): void {
  renameSync(at(firstSegments), at('swapping'))
  renameSync(at(lastSegments), at(firstSegments))
  renameSync(at('swapping'), at(lastSegments))
}

/** Of the same age, so that it is as good a name as the other. */
function otherName(pack: string): string {
  const digit = pack.at(12) === '0' ? '1' : '0'
  return `${pack.slice(0, 12)}${digit}${pack.slice(13)}`
}

function flipEvery(path: string, step: number): void {
  const bytes = readFileSync(path)
  for (let offset = 5_000; offset < bytes.length - 5_000; offset += step)
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x10
  writeFileSync(path, bytes)
}

function removeCatalog(): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(at(`catalog.sqlite${ending}`), { force: true })
}

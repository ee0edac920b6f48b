/**
 * npm run bench: backups and restores by Backstay and, where they are installed, by restic and borg, side by side.
 *
 *     npm run bench -- --quick
 *     npm run bench -- --runs 3 --corpora source,image --json results.json
 *
 * Tools take turns in every run, so that what else the machine does hits all of them; each step begins with a cold
 * cache when we are root. Only ratios within one run mean something. docs/performance.md.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compareTrees } from '../testing/compare-trees.ts'
import { measureAgent, measureChokidar, measureDevices, measureRestic } from './always-on.ts'
import { backstay } from './backstay-tool.ts'
import { type Corpus, fresh, fullSizes, makeCorpora, millionFiles, quickSizes } from './corpora.ts'
import { measureInBrowser } from './in-browser.ts'
import { mapGrowth } from './map-growth.ts'
import type { Measured } from './measure.ts'
import { mebibytes, say, seconds } from './progress.ts'
import { type Row, rowsOf, type Sample } from './rows.ts'
import { tableOf, verdictsOf } from './table.ts'
import { borg, type OpenTool, restic, type Tool } from './tools.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    dir: { type: 'string', default: fileURLToPath(new URL('../../bench-data', import.meta.url)) },
    runs: { type: 'string' },
    corpora: { type: 'string' },
    tools: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
const directory = resolve(values.dir)
const places = join(directory, 'stores')
const samples: Sample[] = []
/** The catalog's log is written back by then. */
const quietMs = values.quick ? 1200 : 2000
/** Buffers of the work before are given back by then (agent/src/service/backup-part.ts); a quick run does not wait for it. */
const settleMs = values.quick ? 3_000 : 35_000
const devices = 200
/** What is no corpus for several tools. */
const apart = ['map', 'always-on', 'million', 'browser']
/** Deleted at the very end: making files just after deleting many is slow for a while. */
const rubbish: string[] = []

if (values.help) {
  process.stdout.write(
    'usage: npm run bench -- [--quick] [--runs N] [--corpora source,image,small,map,always-on,million,browser] [--tools backstay,restic,borg] [--dir DIR] [--json FILE]\n',
  )
} else {
  await bench()
}

async function bench(): Promise<void> {
  mkdirSync(places, { recursive: true })
  if (process.geteuid?.() !== 0) say('without root: caches stay warm, and owners are not restored')
  const runs = Number(values.runs ?? (values.quick ? 1 : 3))
  const wanted = values.corpora?.split(',')
  const corpora = makeCorpora(
    join(directory, 'corpora'),
    values.quick ? quickSizes : fullSizes,
    wanted?.filter(name => !apart.includes(name)),
  )
  const tools = installed(values.tools?.split(','))
  for (const corpus of corpora) {
    for (let number = 1; number <= runs; number++) await oneRun(corpus, tools, number, runs)
  }
  const rows: Row[] = rowsOf(samples)
  if (wanted === undefined || wanted.includes('always-on')) rows.push(...(await measureAlwaysOn(tools)))
  if (wanted?.includes('million')) rows.push(...(await measureMillion()))
  process.stdout.write(`${tableOf(rows)}\n\n${values.quick ? '' : `${verdictsOf(rows)}\n\n`}`)
  if (wanted === undefined || wanted.includes('map')) await measureMap()
  if (wanted?.includes('browser') || (wanted === undefined && !values.quick)) await measurePage()
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, undefined, 2)}\n`)
  say('deleting what was stored and restored')
  for (const one of rubbish) rmSync(one, { recursive: true, force: true })
}

async function measurePage(): Promise<void> {
  const options = values.quick
    ? { files: 1_000, fileBytes: 100_000, names: 20_000 }
    : { files: 20_000, fileBytes: 100_000, names: 1_000_000 }
  say(`in a browser: ${options.files} files as a zip, a search over ${options.names} names`)
  const { zipBytes, zipS, rssBytes, searchOpenS, searchAgainMs } = await measureInBrowser(options)
  const [before, most] = rssBytes.map(mebibytes)
  say(
    `in a browser: zip of ${mebibytes(zipBytes)} in ${seconds(zipS)}, ${(zipBytes / 1e6 / zipS).toFixed(0)} MB/s; browser ${before} before, ${most} at most; search opened in ${seconds(searchOpenS)}, then answered in ${searchAgainMs.toFixed(0)} ms`,
  )
}

function installed(wanted: readonly string[] | undefined): Tool[] {
  return [backstay, restic, borg].filter(tool => {
    if (wanted !== undefined && !wanted.includes(tool.name)) return false
    const version = tool.version()
    say(
      version === undefined
        ? `without ${tool.name}: it is not installed (apt-get install ${tool.name})`
        : `${tool.name}: ${version}`,
    )
    return version !== undefined
  })
}

/** A store that a tool fills in this run. */
interface Store {
  readonly tool: Tool
  readonly open: OpenTool
  bytes: number
}

async function oneRun(corpus: Corpus, tools: readonly Tool[], number: number, runs: number): Promise<void> {
  say(`${corpus.name}, run ${number} of ${runs}`)
  const stores: Store[] = []
  try {
    // Whoever is first in one run is last in the next.
    const turn = number % 2 === 0 ? tools.toReversed() : tools
    for (const tool of turn) {
      const place = fresh(join(places, `${corpus.name}-${tool.name}`))
      rubbish.push(place)
      const open = await tool.open(place)
      stores.push({ tool, open, bytes: open.storedBytes() })
    }
    for (const store of stores) {
      await step(corpus, store, 'first', () => store.open.backup(corpus.folder))
    }
    for (const store of stores) await step(corpus, store, 'unchanged', () => store.open.backup(corpus.folder))
    for (const store of stores) await restoreAll(corpus, store)
    for (const store of stores) await restorePart(corpus, store)
    const putBack = corpus.change()
    try {
      for (const store of stores) await step(corpus, store, 'changed', () => store.open.backup(corpus.folder))
      for (const store of stores)
        if (store.tool.name === 'backstay') await restoreAll(corpus, store, 'restore_changed')
    } finally {
      putBack()
    }
  } finally {
    for (const { open } of stores) await open.close()
  }
}

async function restoreAll(corpus: Corpus, store: Store, work = 'restore'): Promise<void> {
  const to = fresh(join(directory, 'restored', `${corpus.name}-${store.tool.name}`))
  await step(corpus, store, work, () => store.open.restore(to), [corpus.folder, join(to, corpus.folder)])
  // A few large files are deleted in no time.
  if (corpus.part === undefined) rmSync(to, { recursive: true })
  else rubbish.push(to)
}

async function restorePart(corpus: Corpus, store: Store): Promise<void> {
  const { part } = corpus
  if (part === undefined || !existsSync(part)) return
  const to = fresh(join(directory, 'restored', `${corpus.name}-${store.tool.name}-part`))
  rubbish.push(to)
  let at = to
  const restore = async () => {
    const restored = await store.open.restoreFolder(part, to)
    at = restored.at
    return restored.measured
  }
  await step(corpus, store, 'restore_folder', restore, () => [part, at])
}

type Trees = readonly [string, string]

async function step(
  corpus: Corpus,
  store: Store,
  work: string,
  deed: () => Promise<Measured>,
  compared?: Trees | (() => Trees),
): Promise<void> {
  const measured = await deed()
  // A collector writes its catalog's log back as soon as nobody asks for anything.
  if (store.tool === backstay) await new Promise(resolve => setTimeout(resolve, quietMs))
  const storedBytes = store.open.storedBytes()
  const growthBytes = storedBytes - store.bytes
  store.bytes = storedBytes
  const trees = typeof compared === 'function' ? compared() : compared
  const differences = trees === undefined ? undefined : (await compareTrees(...trees, { top: false })).length
  const tool = store.tool.name
  samples.push({ corpus: corpus.name, work, tool, measured, storedBytes, growthBytes, differences })
  const { wallS, cpuS, rssBytes } = measured
  const equal = differences ? `, ${differences} differences` : ''
  say(
    `  ${work} ${tool}: ${seconds(wallS)}, cpu ${seconds(cpuS)}, ${mebibytes(rssBytes)}, +${mebibytes(growthBytes)}${equal}`,
  )
}

async function measureMap(): Promise<void> {
  const entries = values.quick ? 100_000 : 1_000_000
  say(`map of ${entries} entries`)
  for (const { changes, newPages, newBytes } of await mapGrowth(entries, [1, 100])) {
    process.stdout.write(
      `map of ${entries} entries, ${changes} changed: ${newPages} new pages, ${Math.ceil(newBytes / 1024)} KiB\n`,
    )
  }
}

/** Of the agent as it is packaged, with about 80,000 files. */
const idleRssBytesMax = 90 * 2 ** 20

/** Watches the source tree, or in a quick run the small files; a quick run has no devices either. */
async function measureAlwaysOn(tools: readonly Tool[]): Promise<Row[]> {
  const [corpus] = makeCorpora(join(directory, 'corpora'), values.quick ? quickSizes : fullSizes, [
    values.quick ? 'small' : 'source',
  ])
  if (corpus === undefined) {
    say('always on: there is no corpus to watch')
    return []
  }
  const place = fresh(join(places, 'always-on'))
  rubbish.push(place)
  const [saves, idleS] = values.quick ? [10, 3] : [100, 60]
  const options = { folder: corpus.folder, place, saves, idleS, settleMs }
  say(`always on: watching ${corpus.name}, idle for ${idleS} s, ${saves} saves`)
  const rows = [...(await measureAgent(options)), ...(await measureChokidar(options))]
  const idle = rows.find(({ work, tool }) => work === 'idle' && tool === 'backstay')?.rss_bytes ?? 0
  if (!values.quick && idle > idleRssBytesMax) {
    say(
      `always on: ${mebibytes(idle)} is more than the ${mebibytes(idleRssBytesMax)} that an idle agent may have`,
    )
    process.exitCode = 1
  }
  if (tools.includes(restic))
    rows.push(...(await measureRestic({ ...options, place: join(place, 'restic') })))
  if (values.quick) return rows
  say(`always on: ${devices} devices at one collector`)
  return [...rows, ...(await measureDevices(devices, 1))]
}

/** The same for a million files, with few saves. */
async function measureMillion(): Promise<Row[]> {
  const folder = millionFiles(join(directory, 'corpora'))
  const place = fresh(join(places, 'million'))
  rubbish.push(place)
  say('always on: watching a million files')
  const rows = await measureAgent({ folder, place, saves: 20, idleS: 20, settleMs })
  return rows.map(row => ({ ...row, corpus: 'million' }))
}

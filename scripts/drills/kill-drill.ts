/**
 * The agent or the collector is killed (SIGKILL) again and again in the middle of backups of a tree that changes between
 * rounds. In each round the tree stands still: the backup is killed some times, begun again each time, and runs to its
 * end at last. At the very end, all that was ever acknowledged is restored and compared.
 *
 * What a moment may hit:
 *
 * - the agent while it starts, reads its identity or shakes hands: nothing has happened yet
 * - the agent while it reads, seals or sends: objects are at the collector that no commit reaches; half a frame is lost
 * - the agent between the collector's commit and its own head or memory: the acknowledgement was lost on the way, and
 *   the next run finds a commit that it signed itself
 * - the collector while it appends to a pack, syncs it, or writes its catalog: a torn tail, objects that are durable and
 *   not in the catalog, a transaction cut in two
 * - the collector between a commit's sync and the answer: a snapshot that exists and was not acknowledged
 * - the collector while it replays and seals what the last kill left behind, when it is killed again at once
 *
 * A killed process does not lose what the system holds for it, as a power cut would: what was not synced is taken away
 * in collector/src/upkeep/crash.test.ts, at every single effect.
 */
import { chmodSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Random, seededRandom } from '../testing/random.ts'
import { changingTree, differingPaths, fingerprint, type TreeSize, usualSize } from './changing-tree.ts'
import { type BackupResult, type Device, type Fleet, makeFleet, need } from './fleet.ts'
import { jsonOf, type Ran, type Running } from './processes.ts'

/** `agent`: while it backs up once. `service`: `backstay-agent run`, which starts by reading everything. */
export type Victim = 'agent' | 'service' | 'collector'

export interface DrillReport {
  /** Kills that fell while a backup ran. */
  readonly kills: number
  readonly hits: Readonly<Record<Hit, number>>
  readonly rounds: number
  /** Snapshots that were acknowledged, by a JSON line or by the head. */
  readonly acknowledged: number
  readonly restored: number
  /** What was wrong with a snapshot: empty, or the drill has failed. */
  readonly wrong: readonly string[]
  /** What the collector had and got once more, in all and most of one round; see `Meter`. */
  readonly sentAgainBytes: number
  readonly sentAgainBytesMost: number
  readonly storedBytes: number
  /** The collector took the device for two: a false alarm. */
  readonly looksLikeTwo: boolean
}

/** What was going on when the blow fell. */
export type Hit = 'starting' | 'working' | 'acknowledged'

/** Kills of one round: the more, the more of them fall when all is sent and only the commit is left. */
const killsOfRound = { least: 2, most: 6 }
const killsOfLongRound = { least: 5, most: 15 }
/** From so many kills on, rounds are long and the tree has its usual size. */
const manyKills = 100
/** 10 MiB: blows are spread over as long as a backup of it takes. */
const smallSize: TreeSize = { smallFiles: 400, largeFiles: 6, largeBytes: 1_200_000, imageBytes: 2_000_000 }
/** One blow in so many falls while the agent still starts. */
const earlyOne = 8
/** A collector takes 120 commits and then two a minute (collector/src/ingest/limits.ts); a new one begins anew. */
const roundsOfCollector = 40

interface Round {
  readonly prints: ReadonlyMap<string, string>
  /** Snapshots up to this one, and behind that of the round before, are of this tree. */
  readonly sequence: number
}

interface Drill {
  readonly fleet: Fleet
  readonly laptop: Device
  readonly random: Random
  readonly victim: Victim
  readonly tree: string
  readonly hits: Record<Hit, number>
  /** Commit by sequence, as far as it was printed. */
  readonly acknowledged: Map<number, string | undefined>
  /** How long a backup takes here and now, so that blows fall on all of it. */
  readonly pace: { startMs: number; workMs: number }
}

export async function killDrill(victim: Victim, kills: number, seed: number): Promise<DrillReport> {
  await using fleet = await makeFleet()
  const random = seededRandom(seed)
  const tree = changingTree(fleet.path('home'), random, kills < manyKills ? smallSize : usualSize)
  const drill: Drill = {
    ...{
      fleet,
      random,
      victim,
      tree: tree.path,
      laptop: await fleet.enroll('laptop', { roots: [tree.path] }),
    },
    hits: { starting: 0, working: 0, acknowledged: 0 },
    acknowledged: new Map(),
    pace: { startMs: 300, workMs: 600 },
  }
  const rounds: Round[] = []
  const again: number[] = []
  let done = 0
  while (done < kills) {
    if (rounds.length > 0) tree.change()
    if (rounds.length % roundsOfCollector === roundsOfCollector - 1) {
      await fleet.collector.end('SIGTERM')
      await fleet.startCollector()
    }
    const prints = fingerprint(tree.path)
    const { least, most } = kills < manyKills ? killsOfRound : killsOfLongRound
    const wanted = least + random.below(most - least + 1)
    const round = await playRound(drill, Math.min(kills - done, wanted))
    rounds.push({ prints, sequence: round.sequence })
    again.push(round.sentAgainBytes)
    done += round.kills
  }
  return {
    ...{ kills: done, hits: drill.hits, rounds: rounds.length, acknowledged: drill.acknowledged.size },
    ...(await restoreAll(drill, rounds)),
    sentAgainBytes: again.reduce((sum, bytes) => sum + bytes, 0),
    sentAgainBytesMost: Math.max(...again),
    storedBytes: packBytes(fleet),
    looksLikeTwo: fleet.logs.some(log => log.includes('two machines use one identity')),
  }
}

/** Backups of one tree: killed so many times, or until one is done. */
async function playRound(drill: Drill, kills: number) {
  const meter = openMeter(drill)
  for (let done = 0; ; ) {
    const { result, killed } = await attempt(drill, meter, done < kills)
    if (killed) done++
    const head = headOf(drill.laptop)
    if (head > 0 && !drill.acknowledged.has(head)) drill.acknowledged.set(head, undefined)
    if (result === undefined) continue
    drill.acknowledged.set(result.sequence, result.commit)
    return { kills: done, sequence: result.sequence, sentAgainBytes: meter.sentAgainBytes(result) }
  }
}

/** One backup. `result` is what it printed, `killed` whether a blow fell before it was over. */
async function attempt(drill: Drill, meter: Meter, deadly: boolean) {
  const { fleet, laptop, pace, victim } = drill
  const { collector } = fleet
  const before = { head: headOf(laptop), lines: collector.lineCount }
  const logged = (what: string) => collector.line(line => line.includes(what), before.lines)
  let isOpen = false
  const isService = victim === 'service'
  const run = isService ? laptop.start('run') : laptop.start('backup', drill.tree, '--json')
  const begunMs = performance.now()
  const opened = logged('session opened').then(
    () => {
      isOpen = true
      if (isService) touch(drill.tree)
    },
    () => undefined,
  )
  if (deadly) await moment(drill, run, opened)
  else await Promise.race([opened, run.ended])
  const openedMs = performance.now()
  const killed = deadly && run.isAlive()
  if (killed) await (victim === 'collector' ? collector : run).end('SIGKILL')
  else if (isService) {
    await run.line(line => line.includes(stored))
    await run.end('SIGTERM')
  }
  const ran = await run.ended
  const printed = ran.out === '' ? undefined : jsonOf<Stored>(ran)
  const result = isService ? storedIn(ran, laptop) : printed
  if (killed) drill.hits[headOf(laptop) > before.head ? 'acknowledged' : isOpen ? 'working' : 'starting']++
  else need(ran)
  if (!deadly) {
    pace.startMs = (pace.startMs + openedMs - begunMs) / 2
    pace.workMs = (pace.workMs + performance.now() - openedMs) / 2
  }
  if (victim !== 'collector' && isOpen) meter.sessionClosed(await logged('session closed'))
  if (killed && victim === 'collector') {
    if (result === undefined) requireSentence(ran)
    await fleet.startCollector()
  }
  if (killed && result === undefined) meter.killed()
  return { result, killed }
}

/** Nothing changes by it, and the kernel tells of it: so a device does not wait for its turn among ten thousand. */
function touch(folder: string): void {
  chmodSync(folder, statSync(folder).mode)
}

/** Resolves when the blow shall fall. */
async function moment({ random, pace }: Drill, run: Running, opened: Promise<void>): Promise<void> {
  const isEarly = random.below(earlyOne) === 0
  const chance = random.below(1000) / 1000
  if (!isEarly) await Promise.race([opened, run.ended])
  await Promise.race([delay(chance * (isEarly ? pace.startMs : pace.workMs)), run.ended])
}

const stored = '"snapshot stored"'

type Stored = Pick<BackupResult, 'sequence' | 'sentBytes'> & { readonly commit?: string }

/** What a running agent said of the snapshots that it made, the newest; it may have made one more before it ended. */
function storedIn({ err }: Ran, laptop: Device): Stored | undefined {
  const lines = err.split('\n').filter(line => line.includes(stored))
  if (lines.length === 0) return undefined
  const sent = lines.map(line => (JSON.parse(line) as { sentBytes: number }).sentBytes)
  return { sequence: headOf(laptop), sentBytes: sent.reduce((sum, bytes) => sum + bytes, 0) }
}

/** An agent that loses its collector says so, and what to do. */
function requireSentence({ code, err }: Ran): void {
  if (code === 1 && /^error: (?!unexpected).+\nhint: /m.test(err)) return
  throw new Error(`exit code ${code}; the agent said of a lost collector: ${err}`)
}

/**
 * What came twice in one round. When agents are killed, the collector lives and counts: all that it received, less what it
 * stored. When collectors are killed, nobody knows what died on the way; then it is what the packs held at the last kill
 * and what was sent after it, less what they hold in the end.
 */
interface Meter {
  sessionClosed(line: string): void
  killed(): void
  sentAgainBytes(last: Pick<BackupResult, 'sentBytes'>): number
}

function openMeter({ fleet, victim }: Drill): Meter {
  const storedBefore = packBytes(fleet)
  let received = 0
  let storedAtKill: number | undefined
  return {
    sessionClosed(line) {
      received += (JSON.parse(line) as { receivedBytes: number }).receivedBytes
    },
    killed() {
      storedAtKill = packBytes(fleet)
    },
    sentAgainBytes({ sentBytes }) {
      if (storedAtKill === undefined) return 0
      const stored = packBytes(fleet)
      const again =
        victim === 'collector' ? storedAtKill + sentBytes - stored : received - (stored - storedBefore)
      return Math.max(0, again)
    },
  }
}

/** Every snapshot that the collector has, each compared with the tree that it was made of. */
async function restoreAll({ fleet, laptop, tree, acknowledged }: Drill, rounds: readonly Round[]) {
  interface Row {
    readonly sequence: number
    readonly id: string
    readonly complete: boolean
  }
  const rows = jsonOf<Row[]>(need(await laptop.run('snapshots', '--json')))
  const wrong: string[] = []
  for (const [sequence, commit] of acknowledged) {
    const row = rows.find(row => row.sequence === sequence)
    if (row === undefined) wrong.push(`#${sequence} was acknowledged and is not there`)
    else if (commit !== undefined && row.id !== commit)
      wrong.push(`#${sequence} is another than was acknowledged`)
  }
  let restored = 0
  for (const { sequence, complete } of rows) {
    const prints = rounds.find(round => sequence <= round.sequence)?.prints
    if (!complete || prints === undefined) {
      wrong.push(`#${sequence} is of no tree that there was`)
      continue
    }
    const to = fleet.path('restored')
    const ran = await laptop.run('restore', tree, '--to', to, '--at', `#${sequence}`, '--json')
    const differing = ran.code === 0 ? differingPaths(prints, fingerprint(to)) : [ran.err]
    if (differing.length > 0) wrong.push(`#${sequence} differs: ${differing.slice(0, 5).join(', ')}`)
    else restored++
    rmSync(to, { recursive: true, force: true })
  }
  return { restored, wrong }
}

/** The head that the agent holds, 0 when it has none; read as it lies there, also behind a kill. */
function headOf({ state }: Device): number {
  const text = readFileSync(join(state, 'identity/head.json'), 'utf8')
  return Number(/"sequence":(\d+)/.exec(text)?.[1])
}

function packBytes({ data }: Fleet): number {
  const entries = readdirSync(join(data, 'packs'), { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

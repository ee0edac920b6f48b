/**
 * A simulated device: the real agent, as `backstay-agent run` keeps it alive, over disks in memory, and what its files were at any
 * time, to compare with.
 */
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Agent, agentOf, nobody, type Surroundings } from '@backstay/agent/agent'
import { ownArchive } from '@backstay/agent/commands/archive'
import { type DeviceIdentity, type IdentityStore, identityStore } from '@backstay/agent/keys/identity'
import { memoryKeychain } from '@backstay/agent/keys/memory-keychain'
import type { SmallFiles } from '@backstay/agent/keys/small-files'
import { keptInFiles } from '@backstay/agent/keys/testing/kept-in-files'
import { connectDevice } from '@backstay/agent/link/connect'
import type { Session } from '@backstay/agent/link/session'
import { noOrders } from '@backstay/agent/policy/obey'
import { verifySnapshot } from '@backstay/agent/restore/verify'
import type { Log } from '@backstay/agent/service/log'
import { noLocalRules } from '@backstay/agent/service/rules'
import { openService, superviseService } from '@backstay/agent/service/service'
import type { Background } from '@backstay/agent/system/load-background'
import { noThreads } from '@backstay/agent/threads/no-threads'
import { type ScriptedWatcher, scriptedWatcher } from '@backstay/agent/watch/scripted-watcher'
import { sampleEscrow } from '@backstay/collector/testing/sample-objects'
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import { openSnapshot } from '@backstay/proto/content/archive/snapshots'
import { pathOf, wholeMap } from '@backstay/proto/content/map/key'
import { scanMap } from '@backstay/proto/content/map/read'
import { openObject } from '@backstay/proto/content/seal'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { signPolicy } from '@backstay/proto/policy/policy'
import type { Primitives } from '@backstay/proto/primitives'
import { newOrder } from '@backstay/proto/trust/order'
import { type TestFleet, testDevice } from '@backstay/proto/trust/testing/fleet'
import type { Transport } from '@backstay/proto/wire/transport'
import type { Random } from '../testing/random.ts'
import type { ClockView } from './clock-view.ts'
import type { SimulatedCollector } from './collector.ts'
import { memoryDisk } from './memory-system.ts'
import { stateDisk } from './state-disk.ts'
import type { Weather } from './weather.ts'

export interface Laptop {
  readonly name: string
  readonly device: DeviceId
  /** Every snapshot of which the agent said that it is stored. */
  readonly acknowledged: readonly Acknowledged[]
  /** Mistakes of the program that its log told. */
  readonly wrong: readonly string[]
  /** How often the power went. */
  readonly cuts: number
  readonly isOn: boolean
  /** Some files are written, renamed or removed; the watcher says so, or that it missed something. */
  change(): void
  /** Starts the agent; tries again until it starts. */
  start(): Promise<void>
  /** Ends it in order, as a shutdown does. */
  stop(): Promise<void>
  /** The power goes, now. */
  cut(): Promise<void>
  /** Brings a policy that no admin signed; the code with which it was refused. */
  forge(): Promise<string>
  /** Whether the newest snapshot was made after the newest change, by what the agent itself says. */
  isProtected(): boolean
  /** Connects, reads a snapshot back and compares it; what is wrong with it. */
  wrongWith(snapshots: readonly Acknowledged[]): Promise<string[]>
  /** What the newest snapshot has otherwise than the disk has it now. */
  differences(): Promise<string[]>
}

export interface Acknowledged {
  readonly sequence: number
  readonly id: ObjectId
  /** In simulated time. */
  readonly fromMs: number
  readonly untilMs: number
}

interface Version {
  readonly fromMs: number
  /** Undefined: it is not there from then on. */
  readonly sha256: string | undefined
}

export const home = '/simulated/home'

export async function laptop(options: {
  readonly name: string
  readonly p: Primitives
  readonly fleet: TestFleet
  readonly clock: ClockView
  /** Simulated time, whatever the clock shows. */
  readonly passedMs: () => number
  readonly random: Random
  readonly weather: () => Weather
  readonly transport: Transport
  readonly collector: SimulatedCollector
  /** A real folder: of the agent's memory, which SQLite keeps; all else in it is simulated. */
  readonly state: string
  readonly say: (what: string) => void
}): Promise<Laptop> {
  const { name, p, fleet, clock, random, transport, passedMs, weather, state, say } = options
  const oneIn = (many: number) => many > 0 && random.below(many) === 0
  const disk = memoryDisk(() => clock.now())
  const history = new Map<string, Version[]>()
  const wrong: string[] = []
  const device = await testDevice(p, fleet, name)
  const { ingest } = options.collector.running?.vault ?? {}
  if (ingest === undefined) throw new Error('the collector does not run')
  await ingest.putRecord('fleet', device.grantEnvelope)
  await ingest.putRecord(device.id, device.certificateEnvelope)
  await ingest.putRecord(device.id, await sampleEscrow(fleet, device))

  const identity: DeviceIdentity = {
    ...{ fleet: fleet.trust.fleet, device: device.id, urls: ['wss://collector.test:7443'] },
    ...{ certificate: device.certificateEnvelope, grant: device.grantEnvelope },
    secrets: {
      ...{
        signingSeed: await p.sha256(utf8(`device ${name}`)),
        borderSecret: await p.sha256(utf8(`border ${name}`)),
        identity: device.identity as never,
      },
      epochs: [{ epoch: 1, deviceSecret: await p.sha256(utf8(`secret ${name}`)) }],
    },
  }
  mkdirSync(state)
  const keychain = memoryKeychain()
  let cuts = 0
  const small = stateDisk(random, {
    writeError: () =>
      oneIn(weather().stateFull) ? 'ENOSPC' : oneIn(weather().stateError) ? 'EIO' : undefined,
    powerGoes: () => running !== undefined && oneIn(weather().statePowerCut),
    onPowerCut: () => running?.lose(),
  })
  const memoryFile = join(state, 'memory.sqlite')
  const older = join(state, 'older.sqlite')
  const acknowledged: Acknowledged[] = []
  let running: Running | undefined
  let watcher: ScriptedWatcher | undefined
  let changedMs = 0
  let lookedMs = 0
  disk.fails = () => oneIn(weather().fileReadError)
  await storeOf(small.begin()).enroll(
    identity,
    { chain: [fleet.trust.envelope], escrowedFor: fleet.trust.document.version },
    noOrders,
  )

  function storeOf(files: SmallFiles): IdentityStore {
    return identityStore(p, join(state, 'identity'), keychain, files)
  }

  function surroundings(isRunning: boolean): Surroundings {
    const files = small.begin()
    const store = storeOf(files)
    const identities: IdentityStore = {
      ...store,
      // A backup begins with it: what is on the disk from now on is in its snapshot.
      readHead() {
        if (isRunning) lookedMs = passedMs()
        return store.readHead()
      },
    }
    return {
      ...{ primitives: p, clock, transport, state, files, identities },
      secrets: keptInFiles,
    }
  }

  async function openAgent(around: Surroundings): Promise<Agent> {
    const found = await around.identities.readIdentity()
    if (found === undefined) throw new Failure('not_enrolled', 'the device is not enrolled any more')
    return agentOf(around, found, { system: disk.system, owner: nobody })
  }

  /** What lies in the memory after a cut: SQLite loses whole transactions, and a disk may lose the file. */
  function loseMemory(): string {
    const fate = random.pick(['kept', 'kept', 'older', 'lost', 'damaged'] as const)
    if (fate === 'kept') return fate
    for (const ending of ['', '-wal', '-shm']) rmSync(`${memoryFile}${ending}`, { force: true })
    if (fate === 'older' && existsSync(older)) copyFileSync(older, memoryFile)
    if (fate === 'damaged') writeFileSync(memoryFile, random.bytes(8192))
    return fate
  }

  async function begin(): Promise<void> {
    const agent = await openAgent(surroundings(true))
    rmSync(older, { force: true })
    if (existsSync(memoryFile)) copyFileSync(memoryFile, older)
    const stopping = new AbortController()
    const log: Log = (level, fact, { code, sequence } = {}) => {
      if (running !== self) return
      if (fact === 'snapshot stored') noteStored()
      if (level !== 'info' || fact === 'snapshot stored') say(`${fact} ${code ?? sequence ?? ''}`)
      if (level === 'error') wrong.push(`${name}: ${fact}: a mistake of the program`)
    }
    const { board, parts } = await openService(agent, {
      ...{
        local: { ...noLocalRules, batteryPercentMin: 0, onMetered: true },
        hooks: '/none',
        restored: '/none',
      },
      ...{ background: noBackground, log, threads: noThreads(disk.system, p), settleMemory: () => undefined },
      watcher(roots) {
        watcher = scriptedWatcher(roots.map(root => root.path))
        return watcher
      },
    })
    function noteStored(): void {
      const { outcome } = board
      if (outcome === undefined) throw new Error('assertion failed: a snapshot is stored and has no outcome')
      const { sequence, commit } = outcome
      acknowledged.push({ sequence, id: commit, fromMs: lookedMs, untilMs: passedMs() })
    }
    const ended = superviseService(agent, parts, log, stopping.signal)
    const self: Running = {
      ended,
      isProtected: () => {
        const last = acknowledged.at(-1)
        return last !== undefined && last.fromMs > changedMs && board.scheduler.runningSinceMs === undefined
      },
      stop: () => stopping.abort(new Error('told to end')),
      lose() {
        running = undefined
        cuts++
        stopping.abort(new Error('the power went'))
        lost = ended.then(() => say(`lost power, memory ${loseMemory()}`))
      },
    }
    running = self
  }
  let lost: Promise<void> | undefined

  /** At once: what is noted in one moment is noted in its order. */
  function note(path: string, content: Bytes | undefined): void {
    const versions = history.get(path) ?? []
    history.set(path, versions)
    const hasher = p.hasher()
    hasher.update(content ?? new Uint8Array())
    versions.push({ fromMs: passedMs(), sha256: content && hex(hasher.digest()) })
  }

  const pathOfFile = () => `${home}/folder-${random.below(4)}/file-${random.below(12)}`

  /** As a kernel tells of it: in which folder something changed, and of a new folder in the one above it. */
  function told(path: string, isFolderNew: boolean): void {
    changedMs = passedMs()
    // Its queue may overflow: then it says so, and not what it was.
    if (oneIn(weather().watchOverflow)) {
      watcher?.miss('overflow')
      return
    }
    const folder = path.slice(0, path.lastIndexOf('/'))
    watcher?.change(utf8(folder))
    if (isFolderNew) watcher?.change(utf8(home))
  }

  function put(path: string, content: Bytes | undefined): void {
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const isFolderNew = ![...disk.files().keys()].some(known => known.startsWith(folder))
    if (content === undefined) disk.remove(path)
    else disk.write(path, content)
    note(path, content)
    told(path, isFolderNew)
  }

  function change(): void {
    for (let count = 1 + random.below(6); count > 0; count--) {
      const path = pathOfFile()
      if (random.below(5) === 0 && disk.files().has(path)) {
        put(path, undefined)
        continue
      }
      const size = random.pick([0, 50, 900, 5000, 40_000])
      put(path, random.bytes(random.below(size + 1)))
    }
    if (random.below(12) === 0)
      put(`${home}/large-${random.below(2)}`, random.bytes(300_000 + random.below(500_000)))
  }

  /** As a command beside the running agent has one. */
  async function session<T>(work: (session: Session, agent: Agent) => Promise<T>): Promise<T> {
    const agent = await openAgent(surroundings(false))
    const { head, trust, signingKey } = agent
    const open = await connectDevice({
      ...{ urls: identity.urls, signingKey, primitives: p, transport, clock, trust },
      head: head.id === undefined ? undefined : { sequence: head.sequence, id: head.id },
    })
    try {
      return await work(open, agent)
    } finally {
      await open.close()
    }
  }

  async function wrongIn(
    open: Session,
    reader: Agent,
    { sequence, id, fromMs, untilMs }: Acknowledged,
    exactly = false,
  ): Promise<string[]> {
    const archive = await ownArchive(reader, open)
    for await (const { stored, receivedAtMs } of archive.records()) {
      const snapshot = await openSnapshot(archive.reader, stored, receivedAtMs)
      if (snapshot.id !== id) continue
      const { keys, source } = archive
      const opener = {
        async open(reference: Parameters<typeof openObject>[1], stored: Uint8Array) {
          return (await openObject(p, reference, 'segment', stored as never)).bytes
        },
        giveBack: () => undefined,
      }
      const read = await verifySnapshot({
        primitives: p,
        keys,
        source,
        opener: opener as never,
        root: snapshot.root,
      })
      const wrong = read.damaged.map(({ code, path }) => `#${sequence}: ${textOf(path)} ${code}`)
      if (read.lostPages > 0) wrong.push(`#${sequence}: ${read.lostPages} pages are lost`)
      const seen = new Set<string>()
      for await (const items of scanMap(
        objectPages(p, source, keys),
        snapshot.root,
        wholeMap,
        () => undefined,
      )) {
        for (const { key, entry } of items) {
          const path = textOf(pathOf(key))
          seen.add(path)
          if (entry.kind === 'unread') {
            if (exactly) wrong.push(`#${sequence}: ${path} is unread`)
            continue
          }
          if (entry.kind !== 'file' || entry.sha256 === undefined) continue
          if (!isVersion(path, hex(entry.sha256), fromMs, untilMs))
            wrong.push(`#${sequence}: ${path} is none of its versions`)
        }
      }
      for (const path of history.keys()) {
        if (!seen.has(path) && isThereThroughout(path, fromMs, untilMs))
          wrong.push(`#${sequence}: ${path} is not in it`)
      }
      return wrong
    }
    return [`#${sequence} is not listed`]
  }

  function isVersion(path: string, sha256: string, fromMs: number, untilMs: number): boolean {
    const versions = history.get(path) ?? []
    return versions.some(
      (version, index) =>
        version.sha256 === sha256 &&
        version.fromMs <= untilMs &&
        (versions[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY) >= fromMs,
    )
  }

  function isThereThroughout(path: string, fromMs: number, untilMs: number): boolean {
    const versions = history.get(path) ?? []
    const before = versions.findLast(version => version.fromMs < fromMs)
    const meanwhile = versions.filter(version => version.fromMs >= fromMs && version.fromMs <= untilMs)
    return before?.sha256 !== undefined && meanwhile.every(version => version.sha256 !== undefined)
  }

  change()
  return {
    name,
    device: device.id,
    acknowledged,
    wrong,
    get cuts() {
      return cuts
    },
    get isOn() {
      return running !== undefined
    },
    change,
    isProtected: () => running?.isProtected() === true,
    async start() {
      await lost
      for (let tries = 1; running === undefined; tries++) {
        try {
          await begin()
          say('started')
        } catch (error) {
          if (!isFailure(error)) throw error
          say(`did not start: ${error.code}`)
          // What a person would have to mend must never come of a loss of power.
          if (error.remedy === 'repair') throw error
          await clock.sleep(tries * 60_000)
        }
      }
    },
    async stop() {
      const { ended, stop } = running ?? {}
      stop?.()
      await ended
      running = undefined
      watcher = undefined
    },
    async cut() {
      if (running === undefined) return
      small.cut()
      running.lose()
      await lost
    },
    async forge() {
      const retention = { keepWithinDays: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 1 }
      const settings = [{ kind: 'retention', value: retention, locked: false }] as const
      const order = newOrder(p, fleet.trust, clock.now(), { sequence: 1_000_000 })
      const policy = await signPolicy(p, { order, name: 'forged', settings }, device.key)
      try {
        await session(open => open.putRecord(policy))
        return 'accepted'
      } catch (error) {
        if (isFailure(error)) return error.code
        throw error
      }
    },
    wrongWith: snapshots =>
      session(async (open, now) => {
        const wrong: string[] = []
        for (const one of snapshots) wrong.push(...(await wrongIn(open, now, one)))
        return wrong.map(one => `${name} ${one}`)
      }),
    differences: () =>
      session(async (open, now) => {
        const newest = acknowledged.at(-1)
        if (newest === undefined) return [`${name} has no snapshot`]
        const at = { ...newest, fromMs: passedMs(), untilMs: passedMs() }
        return (await wrongIn(open, now, at, true)).map(one => `${name} ${one}`)
      }),
  }
}

function textOf(path: readonly Uint8Array[] | { readonly components?: readonly Uint8Array[] }): string {
  const parts = Array.isArray(path) ? path : []
  return parts
    .map(part => Buffer.from(part as Uint8Array).toString())
    .join('/')
    .replace(/^\/+/, '/')
}

interface Running {
  readonly ended: Promise<void>
  isProtected(): boolean
  stop(): void
  /** Without a last word. */
  lose(): void
}

/** Nobody gives way to a simulation. */
const noBackground: Background = {
  notices: () => {
    throw new Failure('no_notices', 'the simulation scripts its watcher')
  },
  ...{ hasTreeNotices: false, giveWay: () => undefined, trimMemory: () => undefined },
}

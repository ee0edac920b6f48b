/** A simulated device: the real agent over a disk in memory, and what its files were at any time, to compare with. */
import { join } from 'node:path'
import { type Agent, placeOf } from '@backstay/agent/agent'
import { runBackup } from '@backstay/agent/backup/run-backup'
import { ownArchive } from '@backstay/agent/commands/archive'
import { type Head, type IdentityStore, identityStore, noHead } from '@backstay/agent/keys/identity'
import { memoryKeychain } from '@backstay/agent/keys/memory-keychain'
import { keptInFiles } from '@backstay/agent/keys/testing/kept-in-files'
import { connectDevice } from '@backstay/agent/link/connect'
import type { Session } from '@backstay/agent/link/session'
import { verifySnapshot } from '@backstay/agent/restore/verify'
import { noThreads } from '@backstay/agent/threads/no-threads'
import { sampleEscrow } from '@backstay/collector/testing/sample-objects'
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import { openSnapshot } from '@backstay/proto/content/archive/snapshots'
import { epochKeys } from '@backstay/proto/content/keys'
import { pathOf, wholeMap } from '@backstay/proto/content/map/key'
import { scanMap } from '@backstay/proto/content/map/read'
import { openObject } from '@backstay/proto/content/seal'
import { isFailure } from '@backstay/proto/failure'
import type { ObjectId } from '@backstay/proto/object/id'
import { noPolicy } from '@backstay/proto/policy/effective'
import { signPolicy } from '@backstay/proto/policy/policy'
import type { Primitives } from '@backstay/proto/primitives'
import { newOrder } from '@backstay/proto/trust/order'
import { type TestFleet, testDevice } from '@backstay/proto/trust/testing/fleet'
import type { Transport } from '@backstay/proto/wire/transport'
import type { Random } from '../testing/random.ts'
import type { ClockView } from './clock-view.ts'
import type { SimulatedCollector } from './collector.ts'
import { memoryDisk } from './memory-system.ts'
import type { Weather } from './weather.ts'

export interface Laptop {
  readonly name: string
  readonly agent: Agent
  /** Every snapshot that was acknowledged to it. */
  readonly acknowledged: readonly Acknowledged[]
  /** Some files are written, renamed or removed. */
  change(): void
  /** One backup; what came of it in a few words. */
  backUp(signal: AbortSignal): Promise<string>
  /** Brings a policy that no admin signed; the code with which it was refused. */
  forge(): Promise<string>
  /** Connects, reads a snapshot back and compares it; what is wrong with it. */
  wrongWith(snapshots: readonly Acknowledged[]): Promise<string[]>
  /** What the newest snapshot has otherwise than the disk has it now. */
  differences(): Promise<string[]>
  setWeather(weather: () => Weather): void
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

const home = '/simulated/home'

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
  readonly state: string
}): Promise<Laptop> {
  const { name, p, fleet, clock, random, transport, passedMs } = options
  let weather = options.weather
  const disk = memoryDisk(() => clock.now())
  const history = new Map<string, Version[]>()
  const device = await testDevice(p, fleet, name)
  const { ingest } = options.collector.running?.vault ?? {}
  if (ingest === undefined) throw new Error('the collector does not run')
  await ingest.putRecord('fleet', device.grantEnvelope)
  await ingest.putRecord(device.id, device.certificateEnvelope)
  await ingest.putRecord(device.id, await sampleEscrow(fleet, device))

  const seed = await p.sha256(utf8(`device ${name}`))
  const deviceSecret = await p.sha256(utf8(`secret ${name}`))
  const borderSecret = await p.sha256(utf8(`border ${name}`))
  const identity = {
    ...{ fleet: fleet.trust.fleet, device: device.id, urls: ['wss://collector.test:7443'] },
    ...{ certificate: device.certificateEnvelope, grant: device.grantEnvelope },
    secrets: {
      ...{ signingSeed: seed, borderSecret, identity: device.identity },
      epochs: [{ epoch: 1, deviceSecret }],
    },
  } as Agent['identity']
  const heads: { head: Head } = { head: noHead }
  const agent: Agent = {
    ...{ primitives: p, clock, transport, state: options.state, identity, head: noHead },
    ...{ system: disk.system, place: placeOf(identity), trust: fleet.trust, signingKey: device.key },
    orders: { envelopes: [], marks: new Map() },
    identities: identitiesInMemory(p, join(options.state, name), identity, heads),
    keys: await epochKeys(p, deviceSecret, borderSecret, 1),
    secrets: keptInFiles,
    owner: { answer: () => undefined, serve: () => undefined, [Symbol.asyncDispose]: async () => undefined },
    memoryFile: join(options.state, `${name}.sqlite`),
    [Symbol.asyncDispose]: async () => undefined,
  }
  const acknowledged: Acknowledged[] = []
  disk.fails = () => weather().fileReadError > 0 && random.below(weather().fileReadError) === 0

  /** At once: what is noted in one moment is noted in its order. */
  function note(path: string, content: Bytes | undefined): void {
    const versions = history.get(path) ?? []
    history.set(path, versions)
    const hasher = p.hasher()
    hasher.update(content ?? new Uint8Array())
    versions.push({ fromMs: passedMs(), sha256: content && hex(hasher.digest()) })
  }

  const pathOfFile = () => `${home}/folder-${random.below(4)}/file-${random.below(12)}`

  function change(): void {
    for (let count = 1 + random.below(6); count > 0; count--) {
      const path = pathOfFile()
      if (random.below(5) === 0 && disk.files().has(path)) {
        disk.remove(path)
        note(path, undefined)
        continue
      }
      const size = random.pick([0, 50, 900, 5000, 40_000])
      const content = random.bytes(random.below(size + 1))
      disk.write(path, content)
      note(path, content)
    }
    if (random.below(12) === 0) {
      const path = `${home}/large-${random.below(2)}`
      const content = random.bytes(300_000 + random.below(500_000))
      disk.write(path, content)
      note(path, content)
    }
  }

  async function session<T>(
    work: (session: Session, agent: Agent) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const head = heads.head
    const link = {
      ...{ urls: identity.urls, signingKey: device.key, primitives: p, transport, clock, trust: fleet.trust },
      head: head.id === undefined ? undefined : { sequence: head.sequence, id: head.id },
    }
    const open = await connectDevice({ ...link, ...(signal && { signal }) })
    try {
      return await work(open, { ...agent, head })
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
    agent,
    acknowledged,
    change,
    async backUp(signal) {
      const fromMs = passedMs()
      try {
        const outcome = await session(
          (open, now) =>
            runBackup(now, {
              ...{ session: open, orders: { policy: noPolicy, orders: [] }, seenTrust: 1, signal },
              local: { roots: [utf8(home)], excludes: [] },
              checkpointMs: 60_000,
              threads: noThreads(disk.system, p),
            }),
          signal,
        )
        acknowledged.push({ sequence: outcome.sequence, id: outcome.commit, fromMs, untilMs: passedMs() })
        return `#${outcome.sequence} ${outcome.sentObjects} objects, ${outcome.alarms.length} alarms`
      } catch (error) {
        if (isFailure(error)) return `failed: ${error.code}`
        if (signal.aborted) return 'stopped'
        throw error
      }
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
    setWeather(now) {
      weather = now
    },
  }
}

function textOf(path: readonly Uint8Array[] | { readonly components?: readonly Uint8Array[] }): string {
  const parts = Array.isArray(path) ? path : []
  return parts
    .map(part => Buffer.from(part as Uint8Array).toString())
    .join('/')
    .replace(/^\/+/, '/')
}

/** A backup asks for the head alone. In memory, because files have their own time, which no seed repeats. */
function identitiesInMemory(
  p: Primitives,
  state: string,
  identity: Agent['identity'],
  heads: { head: Head },
): IdentityStore {
  return {
    ...identityStore(p, state, memoryKeychain()),
    readIdentity: async () => identity,
    readHead: async () => heads.head,
    async writeHead(head) {
      heads.head = head
    },
  }
}

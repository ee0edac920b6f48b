/** A device with a home and a snapshot of it that obeys jobs of restoring, and who signs them. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { type Bytes, fromUtf8, utf8 } from '@backstay/proto/bytes'
import { openWith, sealTo } from '@backstay/proto/content/age'
import type { Reference } from '@backstay/proto/content/entry'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { type DeviceId, idToBytes, type ObjectId, type Sealed } from '@backstay/proto/object/id'
import { signJob } from '@backstay/proto/trust/job'
import { newOrder, type OrderOptions } from '@backstay/proto/trust/order'
import { noJobs, type RememberedJobs } from '@backstay/proto/trust/replay'
import { type JobReport, verifyReport } from '@backstay/proto/trust/report'
import { encodeRestoreWish, newFolderPlace, type WishedPlace } from '@backstay/proto/trust/restore-wish'
import { testDevice, testFleet, testIdentity, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { makeCommit } from '../../backup/commit.ts'
import { noHead } from '../../keys/identity.ts'
import type { MemberLink } from '../../link/member.ts'
import { newest } from '../../link/newest.ts'
import { jobPart } from '../../service/job-part.ts'
import { sampleBoard } from '../../service/testing/sample-board.ts'
import { pathCalls } from '../../system/path-calls.ts'
import type { System } from '../../system/system.ts'
import { temporaryFolder } from '../../system/testing/temporary-folder.ts'
import { backUp, memoryVault, testKeys } from '../../testing/memory-vault.ts'
import { restoreThreads } from '../../threads/restore-threads.ts'
import type { BegunJob } from '../begun-job.ts'
import { reservedBytes } from '../restore-job.ts'

export const fleet = await testFleet(p)
export const laptop = await testDevice(p, fleet, 'laptop')
export const other = await testDevice(p, fleet, 'other')
export const dayMs = 86_400_000
export const newestSnapshot = { snapshot: { kind: 'newest' }, place: newFolderPlace } as const
export const isRoot = geteuid?.() === 0
/** Of root's agent the homes are other people's. */
export const ada = isRoot ? 12_345 : (geteuid?.() ?? 0)

interface Found {
  readonly folder: string
  readonly written: number
  readonly there?: number
  readonly aside?: readonly unknown[]
  readonly flaws: readonly unknown[]
  readonly back: readonly string[]
  readonly bytes: number
  readonly damaged: number
  readonly lostParts: number
  readonly notes: Readonly<Record<string, number>>
}

/** A device with one home and one snapshot of it, and a collector in memory. */
export async function stage() {
  const parent = await temporaryFolder()
  const home = join(parent.path, 'ada')
  const elsewhere = join(parent.path, 'elsewhere')
  for (const path of [home, join(home, 'papers'), join(home, 'papers/deep'), join(parent.path, 'srv')])
    fs.mkdirSync(path)
  fs.writeFileSync(join(home, 'papers/thesis'), 'chapter one', { mode: 0o640 })
  fs.writeFileSync(join(home, 'papers/deep/large'), Buffer.alloc(6 * 1024 * 1024, 'data'))
  fs.writeFileSync(join(home, 'papers/tool'), 'set id')
  fs.chmodSync(join(home, 'papers/tool'), 0o6755)
  fs.symlinkSync('/etc', join(home, 'papers/link'))
  fs.writeFileSync(join(parent.path, 'srv/data'), 'of nobody')
  if (isRoot) for (const path of [home, join(home, 'papers')]) fs.chownSync(path, ada, ada)
  const vault = memoryVault()
  const { system } = parent
  const memoryFile = join(parent.path, 'memory')
  let newestRoot: Reference | undefined
  const newestRecord = async () => {
    const { built } = await backUp({ roots: [home, join(parent.path, 'srv')], memoryFile, vault, system })
    newestRoot = built.root
    return commitRecord(built)
  }
  let record = await newestRecord()

  const disk = {
    done: noJobs,
    begun: undefined as BegunJob | undefined,
    freeBytes: 100 * reservedBytes,
    roots: [home, join(parent.path, 'srv')],
  }
  const places = () => ({
    homes: [home],
    elsewhere,
    realPath: pathCalls.realPath,
    isOwnHome: (_: string, uid: number) => uid === ada,
    freeBytes: () => disk.freeBytes,
  })
  const parts: { readonly stop: AbortController }[] = []

  /** The agent as one process; several work on the same disk one after the other. */
  function start(
    trust = fleet.trust,
    cutAfter = Number.POSITIVE_INFINITY,
    nowMs = testNowMs,
    seam: System = system,
  ) {
    const { board, clock } = sampleBoard()
    board.trust = trust
    clock.jumpTo(nowMs)
    const fetched: string[] = []
    const askedOf: (DeviceId | undefined)[] = []
    const broken = new AbortController()
    const reports: JobReport[] = []
    const pushed = newest<readonly Bytes[]>()
    const { identity, identity: secret } = laptop
    const epochs = [{ epoch: 1, deviceSecret: new Uint8Array(32).fill(1) }]
    Object.assign(board.agent, {
      system: seam,
      head: { sequence: 1 },
      place: { device: laptop.id, grantId: new Uint8Array(16) },
    })
    Object.assign(board.agent.identity.secrets, {
      epochs,
      borderSecret: new Uint8Array(32).fill(2),
      identity: secret,
    })
    Object.assign(board.agent.identities, {
      readDoneJobs: async () => disk.done,
      writeDoneJobs: async (done: RememberedJobs) => void Object.assign(disk, { done }),
      readBegunJob: async () => disk.begun,
      writeBegunJob: async (begun: BegunJob | undefined) => void Object.assign(disk, { begun }),
    })
    const session = {
      ended: broken.signal,
      welcome: { headSequence: 1 },
      pushedJobs: pushed.take,
      async *get(ids: readonly ObjectId[], device?: DeviceId) {
        askedOf.push(device)
        for (const id of ids) {
          if (fetched.length >= cutAfter) {
            broken.abort(new Failure('link_cut', 'cut', { remedy: 'retry' }))
            throw broken.signal.reason
          }
          fetched.push(id)
          yield* vault.get([id])
        }
      },
      async *listSnapshots() {
        yield { stored: record, receivedAtMs: testNowMs }
      },
      tellProgress: async () => undefined,
      async putRecord(envelope: Bytes) {
        reports.push(await verifyReport(p, envelope, laptop.key.publicKey))
      },
    }
    board.link = { session } as unknown as MemberLink
    const stop = new AbortController()
    const tools = {
      board,
      places,
      threads: restoreThreads,
      roots: () => disk.roots.map(utf8),
      backUp: () => assert.fail('nothing is backed up'),
    }
    const running = jobPart(board, tools, () => undefined)
      .run(stop.signal)
      .catch(() => undefined)
    parts.push({ stop })
    return {
      identity,
      async push(envelope: Bytes) {
        const before = reports.length
        pushed.put([envelope])
        while (reports.length === before) await new Promise(resolve => setImmediate(resolve))
        return wordOf(reports[before] ?? assert.fail())
      },
      put: (envelope: Bytes) => pushed.put([envelope]),
      ...{ clock, fetched, askedOf, reports },
      /** When the link was cut, and nobody works any more. */
      async cutOff() {
        while (!broken.signal.aborted) {
          assert.equal(reports.length, 0, 'it ended before it was cut')
          await new Promise(resolve => setImmediate(resolve))
        }
        stop.abort(new Error('over'))
        await running
      },
      /** What it says without being asked. */
      async word() {
        while (reports.length === 0) await new Promise(resolve => setImmediate(resolve))
        return wordOf(reports[0] ?? assert.fail())
      },
    }
  }
  return {
    ...{ parent, home, elsewhere, disk, vault, start },
    root: () => newestRoot ?? assert.fail(),
    async backUpAgain() {
      record = await newestRecord()
    },
    [Symbol.dispose]() {
      for (const { stop } of parts) stop.abort(new Error('over'))
      parent[Symbol.dispose]()
    },
  }
}

async function wordOf({ state, code, sealed }: JobReport) {
  const found =
    sealed.length === 0
      ? undefined
      : (JSON.parse(fromUtf8(await openWith([testIdentity(2).identity], sealed))) as Found)
  return { said: `${state} ${code}`.trim(), found }
}

function commitRecord(built: Awaited<ReturnType<typeof backUp>>['built']): Promise<Sealed> {
  const describe = { host: '', roots: [], unread: [], agentVersion: '', label: '' }
  const times = { startedAtMs: testNowMs, endedAtMs: testNowMs, seenTrust: 1, seenPolicy: 1 }
  const whose = { primitives: p, fleet: fleet.trust.fleet, device: laptop.id, signingKey: laptop.key }
  const line = { head: noHead, branch: undefined, complete: true, names: undefined }
  return makeCommit({ ...whose, ...line, ...times, keys: testKeys, describe }, built)
}

export async function wish(path: string, options: OrderOptions = {}, by = fleet.admin): Promise<Bytes> {
  return sealedJob(encodeRestoreWish({ path: utf8(path), ...newestSnapshot }), options, by)
}

/** A snapshot of another device, by its root. */
export async function lentWish(path: string, root: Reference, source: DeviceId | undefined): Promise<Bytes> {
  const snapshot = { kind: 'number', sequence: 1 } as const
  const payload = encodeRestoreWish({ path: utf8(path), snapshot, place: newFolderPlace, root })
  return sealedJob(payload, {}, fleet.admin, source)
}

export async function inPlace(
  path: string,
  existing: Extract<WishedPlace, { kind: 'original' }>['existing'] = 'keep_both',
): Promise<Bytes> {
  const place = { kind: 'original', existing } as const
  return sealedJob(encodeRestoreWish({ path: utf8(path), snapshot: { kind: 'newest' }, place }))
}

export async function sealedJob(
  payload: Bytes,
  options: OrderOptions = {},
  by = fleet.admin,
  source?: DeviceId,
): Promise<Bytes> {
  const usual = { expiresAtMs: testNowMs + dayMs, audience: [idToBytes(laptop.id)] }
  const order = newOrder(p, fleet.trust, testNowMs, { ...usual, ...options })
  return signJob(
    p,
    {
      order,
      kind: 'restore',
      sealed: await sealTo([testIdentity(3).recipient], payload),
      ...(source && { source }),
    },
    by,
  )
}

/** Names, content, modes and targets of all that lies in a folder; no symlink is followed. */
export function treeOf(folder: string, below = ''): readonly (readonly unknown[])[] {
  return fs
    .readdirSync(join(folder, below))
    .sort()
    .flatMap(one => {
      const name = join(below, one)
      const path = join(folder, name)
      const stat = fs.lstatSync(path)
      if (stat.isSymbolicLink()) return [[name, fs.readlinkSync(path)]]
      const mode = stat.mode & 0o1777
      if (stat.isDirectory()) return [[name, mode], ...treeOf(folder, name)]
      return [[name, mode, fs.readFileSync(path).toString('base64')]]
    })
}

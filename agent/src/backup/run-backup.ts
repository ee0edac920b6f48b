/**
 * A backup from the first question to the acknowledged commit: which snapshot to build on, what the collector still
 * holds of it, the merge, the commit, and only then the new head and memory.
 */
import { realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { readNameIndex } from '@backstay/proto/content/archive/names-of'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import { openSnapshot, type Snapshot } from '@backstay/proto/content/archive/snapshots'
import type { Reference } from '@backstay/proto/content/entry'
import type { EpochKeys } from '@backstay/proto/content/keys'
import type { Built } from '@backstay/proto/content/map/build'
import { Failure, isFailure } from '@backstay/proto/failure'
import { decodeWhole } from '@backstay/proto/object/header'
import type { ObjectId } from '@backstay/proto/object/id'
import { excludesOf } from '@backstay/proto/policy/excludes'
import type { Retention } from '@backstay/proto/policy/settings'
import { verifyCommit } from '@backstay/proto/trust/commit'
import { type Agent, agentVersion } from '../agent.ts'
import type { Alarm } from '../alarm.ts'
import type { Session } from '../link/session.ts'
import { type Memory, openMemory } from '../memory/memory.ts'
import { findMissing, rebuildMemory } from '../memory/rebuild.ts'
import type { Obedience } from '../policy/obey.ts'
import { policyRoots } from '../policy/roots.ts'
import { farReader } from '../reading/far-reader.ts'
import { type Root, type RootNode, rootTree, treeOfFolders } from '../scan/roots.ts'
import { readRecord, rememberedRoots } from '../service/record.ts'
import type { FarPlaces } from '../system/bounded-system.ts'
import { errno } from '../system/error-numbers.ts'
import { type PathCalls, pathCalls } from '../system/path-calls.ts'
import { fromRoot } from '../system/system.ts'
import { checked } from '../system/system-error.ts'
import { freeze } from '../system/volume-snapshot.ts'
import { type BackupThreads, backupThreads } from '../threads/backup-threads.ts'
import { sealHereFirst } from '../threads/seal-here.ts'
import { allNeeded, type BackupOptions, type BackupProgress, type BackupResult, backup } from './backup.ts'
import { makeCommit } from './commit.ts'
import { type CountedSink, countedSink } from './counted-sink.ts'
import { dropMissingNames, keepNames } from './names.ts'

export interface RunBackupOptions {
  readonly session: Session
  readonly orders: Pick<Obedience, 'policy' | 'orders'>
  readonly seenTrust: number
  /**
   * Absolute paths of folders: only their direct children are looked at, and what is new there; everything else is as the
   * last snapshot has it. Where that cannot be relied on, all is looked at in spite of it.
   */
  readonly folders?: readonly Bytes[]
  /** Absolute paths and patterns that replace the policy's. */
  readonly local?: { readonly roots: readonly Bytes[]; readonly excludes: readonly string[] }
  readonly label?: string
  readonly onProgress?: (progress: BackupProgress) => void
  readonly signal?: AbortSignal
  readonly checkpointMs?: number
  /** Who lists, reads and seals; threads when nothing else is said. */
  readonly threads?: (keys: EpochKeys) => BackupThreads
}

export interface BackupOutcome extends BackupResult {
  readonly sequence: number
  readonly commit: ObjectId
  readonly receivedAtMs: number
  readonly roots: readonly Bytes[]
  /** What was wrong without stopping protection. */
  readonly alarms: readonly Alarm[]
}

interface Line {
  readonly sequence: number
  readonly id: ObjectId | undefined
  readonly branch: Uint8Array | undefined
}

/** How often an object that the collector has lost sends the backup back to its beginning. */
const healingsMax = 3
/** What we say when the collector no longer holds what we build on, and what it says. */
const pagesLost = 'pages_gone'
const losses = [pagesLost, 'unknown_child', 'unknown_root']
const noPages: readonly ObjectId[] = []
const noneLost = Promise.resolve(noPages)

export async function runBackup(agent: Agent, options: RunBackupOptions): Promise<BackupOutcome> {
  const alarms: Alarm[] = []
  const roots = await chosenRoots(agent, options)
  const { session } = options
  const start = await agreedHead(agent, session, alarms)
  const memory = openMemory(agent.memoryFile)
  try {
    const isKnown = memory.commit !== undefined && memory.commit === session.newest.id
    if (!isKnown) {
      const complete = await newestComplete(agent, session)
      if (memory.commit !== complete?.id) await refill(agent, session, memory, complete, alarms)
    }
    const run = { agent, options, roots, memory, start, alarms, sink: countedSink(session) }
    let folders = isKnown ? options.folders : undefined
    for (let healings = 0; ; healings++) {
      // What was refused to an attempt before this one, over this session, was said, and is over.
      await session.flush().catch(() => undefined)
      // What the last commit reaches was there when it was published. That it still is, is asked when all is looked at,
      // beside the looking; after a loss, before it.
      const lost = folders === undefined ? findMissing(memory, ids => session.missing(ids)) : noneLost
      lost.catch(() => undefined)
      try {
        if (folders === undefined) await dropMissingNames(memory, ids => session.missing(ids))
        if (healings > 0) memory.forget(await lost)
        return await attempt(run, folders, healings > 0 ? noneLost : lost)
      } catch (error) {
        // The collector has lost something: it is forgotten, and sealed again from disk.
        const isLost = losses.some(code => isFailure(error, code)) && healings < healingsMax
        if (!isLost && !(folders !== undefined && isFailure(error, allNeeded))) throw error
        memory.forget(await lost.catch(() => noPages))
        folders = undefined
      }
    }
  } finally {
    memory.close()
  }
}

interface Run {
  readonly agent: Agent
  readonly options: RunBackupOptions
  readonly roots: readonly Root[]
  readonly memory: Memory
  readonly start: Line
  readonly alarms: Alarm[]
  readonly sink: CountedSink
}

/** `folders` undefined: all is looked at. Nothing is published that builds on what is `lost`. */
async function attempt(
  run: Run,
  folders: readonly Bytes[] | undefined,
  lost: Promise<readonly ObjectId[]>,
): Promise<BackupOutcome> {
  const { agent, options, roots, memory, start, alarms, sink } = run
  const { primitives, clock, keys, identities } = agent
  const { session } = options
  const startedAtMs = clock.now()
  let head: Line = start
  const change = memory.change()
  await using threads = (options.threads ?? backupThreads)(keys)
  const { sealer, reader, lister } = threads
  const scope =
    folders === undefined
      ? { roots: rootTree(roots), sealer, ...boundedLooks({ reader, lister }, agent.places) }
      : {
          ...{ roots: treeOfFolders(roots, folders), isPartial: true },
          sealer: sealHereFirst(primitives, keys, sealer),
        }

  const names = keepNames({
    ...{ primitives, clock, keys, memory, change, store: session },
    sequence: start.sequence + 1,
    isWhole: folders === undefined,
    keptMs: keptMs(options.orders.policy.values.retention),
  })

  const publish = async (
    built: Built,
    complete: boolean,
    unread: BackupResult['unread'],
    listed: Reference | undefined,
  ) => {
    const { length } = await lost
    if (length > 0)
      throw new Failure(pagesLost, `${length} pages of the last snapshot are lost`, { remedy: 'retry' })
    const record = await makeCommit(
      {
        ...{ primitives, keys, head, startedAtMs, complete },
        ...{ fleet: agent.identity.fleet, device: agent.identity.device, signingKey: agent.signingKey },
        endedAtMs: clock.now(),
        branch: head.branch,
        names: listed,
        seenTrust: options.seenTrust,
        seenPolicy: Math.max(0, ...options.orders.orders.map(one => one.order.sequence)),
        describe: {
          host: hostname(),
          roots: roots.map(root => root.path),
          unread: [...unread].map(([reason, entries]) => ({ reason, entries })),
          agentVersion,
          label: options.label ?? '',
        },
      },
      built,
    )
    const { id, receivedAtMs } = await session.publish(record)
    head = { sequence: head.sequence + 1, id, branch: head.branch }
    return { id, receivedAtMs }
  }

  const skip = ownFolder(agent)
  await using frozen =
    folders === undefined && agent.volumeSnapshots !== undefined
      ? await freeze(agent.system, agent.volumeSnapshots, volumesOf(scope.roots), options.signal)
      : undefined
  alarms.push(...(frozen?.alarms ?? []))
  const work: BackupOptions = {
    ...{ system: frozen?.system ?? agent.system, primitives, clock, keys, memory, change, names, ...scope },
    sink,
    pages: objectPages(primitives, session, [keys]),
    ...(skip && { skip }),
    ...(options.onProgress && { onProgress: options.onProgress }),
    ...(options.signal && { signal: options.signal }),
    ...(options.checkpointMs !== undefined && { checkpointMs: options.checkpointMs }),
    async onCheckpoint(built) {
      const { id } = await publish(built, false, new Map(), names.before)
      await identities.writeHead({ sequence: head.sequence, id })
    },
  }
  try {
    const result = await backup(work)
    const { id, receivedAtMs } = await publish(result.built, true, result.unread, await names.finish())
    // The snapshot is acknowledged: whatever happens to the memory now costs time and no data.
    const finished = finishMemory(() => change.finish(id))
    await identities.writeHead({ sequence: head.sequence, id })
    const sequence = head.sequence
    return {
      ...result,
      ...{ sentObjects: sink.objects, sentBytes: sink.bytes },
      sequence,
      commit: id,
      receivedAtMs,
      alarms: [...alarms, ...finished],
      roots: roots.map(root => root.path),
    }
  } catch (error) {
    change.abandon()
    throw error
  }
}

type Looks = Pick<BackupThreads, 'reader' | 'lister'>

/** A thread that is held up would answer no more: what is far is listed by the walk itself, and what leads there. */
function boundedLooks({ reader, lister }: Looks, places: FarPlaces | undefined): Looks {
  if (places === undefined) return { reader, lister }
  const none: readonly undefined[] = []
  return {
    reader: farReader(reader, places),
    lister: {
      list: async (folder, ...asked) => (places.leadsFar(folder) ? none : lister.list(folder, ...asked)),
    },
  }
}

const volumesOf = (roots: readonly RootNode[]): Bytes[] => roots.map(({ name }) => name)

function finishMemory(finish: () => void): Alarm[] {
  try {
    finish()
    return []
  } catch (error) {
    if (!isFailure(error)) throw error
    return [{ code: 'memory_lost', message: `${error.message}: the next backup reads every file again` }]
  }
}

/**
 * The commit to build on. A collector that knows a newer one of ours is right when we signed it: the acknowledgement
 * was lost; unless another machine with our identity made it: then we go on behind it, on a branch of our own. So we do
 * when the collector knows only an older one: it was rolled back, and we say so.
 */
async function agreedHead(agent: Agent, session: Session, alarms: Alarm[]): Promise<Line> {
  const { head, identities } = agent
  const theirs = session.newest
  if (theirs.id === head.id) return { ...head, branch: undefined }
  if (theirs.id !== undefined && theirs.sequence > head.sequence) {
    for await (const { stored, id } of session.listSnapshots(agent.identity.device, { limit: 1 })) {
      await verifyCommit(agent.primitives, decodeWhole(stored).body, agent.signingKey.publicKey)
      if (id === theirs.id) {
        const isCloned = (session.welcome.nextRatchet?.clonedSinceMs ?? 0) > 0
        if (isCloned) return { ...theirs, branch: agent.primitives.random(16) }
        await identities.writeHead({ sequence: theirs.sequence, id })
        return { ...theirs, branch: undefined }
      }
    }
  }
  const message = `the collector's newest snapshot is #${theirs.sequence}, but #${head.sequence} was acknowledged: it was rolled back`
  alarms.push({ code: 'rolled_back', message })
  return { ...theirs, branch: agent.primitives.random(16) }
}

/** Most often the newest of all, so that is asked for alone. */
async function newestComplete(agent: Agent, session: Session): Promise<Snapshot | undefined> {
  const { primitives, signingKey, keys, identity } = agent
  const reader = { primitives, deviceKey: signingKey.publicKey, keysOf: () => keys }
  for (const limit of [1, undefined]) {
    const rows = session.listSnapshots(identity.device, limit === undefined ? {} : { limit })
    for await (const { stored, receivedAtMs } of rows) {
      const snapshot = await openSnapshot(reader, stored, receivedAtMs)
      if (snapshot.commit.complete) return snapshot
    }
  }
  return undefined
}

async function refill(
  agent: Agent,
  session: Session,
  memory: Memory,
  complete: Snapshot | undefined,
  alarms: Alarm[],
): Promise<void> {
  if (complete === undefined) {
    memory.forget([...memory.leafIds()])
    return
  }
  const { lostPages } = await rebuildMemory(agent.primitives, memory, session, complete.root, complete.id)
  await recallNames(agent, session, memory, complete)
  if (lostPages === 0) return
  const message = `${lostPages} pages of the last snapshot are lost: their files are read again`
  alarms.push({ code: 'pages_lost', message })
}

/** The lists that the snapshot leads to stay of use; what came and went since is not known. */
async function recallNames(
  { primitives, keys }: Agent,
  session: Session,
  memory: Memory,
  { names }: Snapshot,
): Promise<void> {
  const runs = names && (await readNameIndex(primitives, session, names, keys).catch(() => undefined))
  memory.setNames({ index: runs && names, runs: runs ?? [], isComplete: false, listedAtMs: 0 })
}

const dayMs = 86_400_000

/** How long retention may keep a snapshot at most; a hold may keep one longer, and then it is searched less well. */
function keptMs(retention: Retention | undefined): number {
  if (retention === undefined) return Number.POSITIVE_INFINITY
  const { keepWithinDays, keepDaily, keepWeekly, keepMonthly, keepYearly } = retention
  const days = Math.max(keepWithinDays, keepDaily, 7 * keepWeekly, 31 * keepMonthly, 366 * keepYearly)
  return days === 0 ? Number.POSITIVE_INFINITY : (days + 31) * dayMs
}

async function chosenRoots(agent: Agent, { local, orders }: RunBackupOptions): Promise<Root[]> {
  const { state, files, places: paths = pathCalls } = agent
  if (local !== undefined) return local.roots.map(path => rootOf(paths, path, local.excludes))
  const remembered = rememberedRoots(await readRecord(state, files))
  const roots = policyRoots(orders.policy.values, { paths, remembered })
  if (roots.length > 0) return roots.map(root => ({ ...root, excludes: excludesOf(root.excludes) }))
  throw new Failure('no_roots', 'there is nothing to back up: no policy names a folder for this device', {
    hint: 'name folders: backstay-agent backup FOLDER, or ask an admin for a policy (backstay token --root …)',
  })
}

/** A root is followed to where it really lies; one that is not there keeps its name and is reported. */
function rootOf({ realPath }: PathCalls, path: Bytes, excludes: readonly string[]): Root {
  return { path: realPath(path), excludes: excludesOf(excludes) }
}

/** The agent's own state changes while it is read and would only back up itself. */
function ownFolder({ system, state }: Agent): BackupOptions['skip'] {
  const folder = system.tryOpenFolder(fromRoot, utf8(realpathSync.native(state)))
  // What this system does not show needs no leaving out.
  if (folder === -errno.ENOENT) return undefined
  checked(folder, 'open state folder')
  try {
    return system.stat(folder)
  } finally {
    system.close(folder)
  }
}

/**
 * The backups of this device while somebody looks around in them: one session with the collector, opened when it is first needed and
 * again when it was cut; the list of snapshots, a minute old at most; the names, once somebody searches.
 */
import { type OpenedArchive, openedArchive } from '@backstay/proto/content/archive/opened'
import { openSearch, type Search } from '@backstay/proto/content/archive/search'
import { type Snapshot, snapshotsOf } from '@backstay/proto/content/archive/snapshots'
import { type Agent, agentVersion, believedTrust } from '../agent.ts'
import { ownArchive } from '../commands/archive.ts'
import type { Archive } from '../commands/browse.ts'
import { connectMemberLink, type MemberLink } from '../link/member.ts'

export interface OwnBackups extends AsyncDisposable {
  /** Runs `work` on the archive, once more when the session was cut meanwhile. Throws what connecting throws. */
  with<T>(work: (archive: OpenedArchive) => Promise<T>): Promise<T>
  search(): Promise<Search>
  /** A session of its own, so that what the collector shows of the policy is of now; the caller closes it. */
  connect(): Promise<MemberLink>
}

const snapshotsMsMax = 60_000

interface Opened {
  readonly link: MemberLink
  readonly own: Archive
  archive: OpenedArchive
  readMs: number
}

/** `agent` was opened for reading: nothing is changed in its state folder. */
export function ownBackups(agent: Agent, signal: AbortSignal): OwnBackups {
  const { clock, identities, identity } = agent
  let opening: Promise<Opened> | undefined
  let searching: { readonly newest: number; readonly search: Promise<Search> } | undefined

  async function connect(): Promise<MemberLink> {
    const trust = await believedTrust(agent, identity)
    const orders = await identities.readOrders()
    const software = `backstay-agent ${agentVersion}`
    return connectMemberLink({ ...agent, trust, orders, keeps: false, software, signal })
  }

  async function open(): Promise<Opened> {
    const link = await connect()
    try {
      const own = await ownArchive(agent, link.session)
      const snapshots = await listed(own)
      const archive = openedArchive({ ...own, snapshots })
      return { link, own, archive, readMs: clock.monotonic() }
    } catch (error) {
      await link.session.close()
      throw error
    }
  }

  /** The same promise for all who ask meanwhile. */
  async function opened(): Promise<Opened> {
    opening ??= open()
    try {
      const now = await opening
      if (!now.link.session.ended.aborted) return now
    } catch (error) {
      opening = undefined
      throw error
    }
    opening = open()
    return opening
  }

  async function current(): Promise<OpenedArchive> {
    const now = await opened()
    if (clock.monotonic() - now.readMs > snapshotsMsMax) {
      now.readMs = clock.monotonic()
      // Pages that are known stay known.
      now.archive = { ...now.archive, snapshots: await listed(now.own) }
    }
    return now.archive
  }

  const backups: OwnBackups = {
    connect,
    async with(work) {
      const archive = await current()
      try {
        return await work(archive)
      } catch (error) {
        const last = await opening
        if (last?.link.session.ended.aborted !== true) throw error
        return work(await current())
      }
    },
    search: () =>
      backups.with(async archive => {
        const newest = archive.snapshots[0]?.commit.sequence ?? 0
        if (searching?.newest !== newest)
          searching = { newest, search: openSearch(archive, undefined, signal) }
        try {
          return await searching.search
        } catch (error) {
          searching = undefined
          throw error
        }
      }),
    async [Symbol.asyncDispose]() {
      const last = await opening?.catch(() => undefined)
      await last?.link.session.close()
    },
  }
  return backups
}

async function listed(own: Archive): Promise<readonly Snapshot[]> {
  const snapshots: Snapshot[] = []
  for await (const one of snapshotsOf(own.reader, own.records())) snapshots.push(one)
  return snapshots
}

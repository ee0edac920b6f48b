/**
 * Many puts, one fsync. Frames that arrive while one group is being written wait and become the next group. In each
 * group the segments are made durable before the pages and records that may name them as children, so no pack ever
 * holds a parent whose child is not durable, and a parent shares the fate of its children:
 *
 *     add(segment a), add(page b, after a), add(segment c)   →   a c | fsync | b | fsync   →   a, b, c resolve
 *
 * An error fails exactly the frames that were in the failed write, and those that wait for them.
 *
 * A frame that comes after a quiet time is written at once. Under load the next group gathers for a moment: a write, an
 * fsync, an acknowledgement and their turns of the event loop cost more than the bytes of one small object.
 */
import type { Clock } from '@backstay/proto/clock'
import { type Packed, type PackKind, packKindOf } from '@backstay/proto/object/pack'
import type { Primitives } from '@backstay/proto/primitives'
import { type GatherLimits, gatherer } from './gatherer.ts'
import type { Frame } from './open-pack.ts'
import { type PackLane, packLane } from './pack-lane.ts'
import type { PackStore } from './pack-store.ts'
import { storeFull } from './store-failure.ts'

/** One frame on its way to the disk. */
export interface Placement {
  readonly frame: Frame
  readonly state: 'waiting' | 'durable' | 'failed'
  /** Once durable. */
  readonly place: Place | undefined
  /** Resolves when the frame and everything it waited for would survive a power cut. */
  readonly durable: Promise<Place>
}

export interface Place {
  readonly pack: string
  /** Of the stored bytes. */
  readonly offset: number
  readonly length: number
}

export interface GroupCommit {
  /** `after`: its children that are still waiting. Frames become durable in the order of these calls. */
  add(frame: Frame, after?: readonly Placement[]): Placement
  /** Seals packs that are old, as the next write would. */
  sealOld(): Promise<void>
  /** Resolves when everything added so far is durable or failed. */
  idle(): Promise<void>
  /** Waits for everything, then seals the packs. */
  close(): Promise<void>
}

export interface GroupCommitOptions {
  readonly p: Pick<Primitives, 'sha256' | 'random'>
  readonly store: PackStore
  readonly clock: Clock
  readonly limits: GroupCommitLimits
  /** Called before the placements resolve, in the order of the frames in the pack. */
  readonly onDurable: (written: Written) => void
  readonly onSealed: (pack: { readonly name: string; readonly bytes: number }) => void
  /** Nothing was lost, but somebody should look: a pack could not be sealed or had to be given up. */
  readonly onTrouble?: (error: unknown, pack: string) => void
}

export interface GroupCommitLimits extends GatherLimits {
  /** docs/format.md §5: 64 MiB. */
  readonly packBytesMax: number
  /** A pack is sealed when it is this old: its name then tells within a day when its commits came in. */
  readonly packAgeMaxMs: number
  /** Of one write. */
  readonly groupBytesMax: number
  readonly groupFramesMax: number
  /** Kept free for the catalog, for collection and for small records. */
  readonly reserveBytes: number
}

export interface Written {
  readonly name: string
  /** End of the last durable frame. */
  readonly bytes: number
  readonly objects: readonly Packed[]
}

export interface Waiting extends Placement {
  state: Placement['state']
  place: Place | undefined
  readonly after: readonly Waiting[]
  failure: unknown
  settle(place: Place): void
  fail(error: unknown): void
}

export function groupCommit(options: GroupCommitOptions): GroupCommit {
  const { store, limits } = options
  const lanes: Readonly<Record<PackKind, PackLane>> = {
    segments: packLane('segments', options),
    pages: packLane('pages', options),
  }
  const gathering = gatherer(options.clock, limits)
  let queue: Waiting[] = []
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    // Everything added in the same turn belongs to one group.
    await Promise.resolve()
    while (queue.length > 0) {
      await gathering.wait()
      const group = takeGroup()
      await refuseWhenFull(group)
      await lanes.segments.write(ofKind(group, 'segments'))
      await lanes.pages.write(ofKind(group, 'pages'))
    }
    running = undefined
  }

  function takeGroup(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const { frame } of queue) {
      const { length } = frame.stored
      if (count > 0 && (bytes + length > limits.groupBytesMax || count >= limits.groupFramesMax)) break
      bytes += length
      count++
    }
    const group = queue.slice(0, count)
    queue = queue.slice(count)
    gathering.took(count, bytes)
    return group
  }

  /** Records may use the reserve: they are small and make what is stored count. */
  async function refuseWhenFull(group: readonly Waiting[]): Promise<void> {
    const bytes = group.reduce((sum, one) => sum + one.frame.stored.length, 0)
    const free = await store.freeBytes().catch(() => Number.POSITIVE_INFINITY)
    if (free - bytes >= limits.reserveBytes) return
    for (const one of group) if (one.frame.type !== 'record') one.fail(storeFull())
  }

  async function idle(): Promise<void> {
    gathering.hurry()
    while (running !== undefined) await running
  }

  async function sealOld(): Promise<void> {
    // While something is written, writing does it.
    if (running !== undefined) return
    running = (async () => {
      await lanes.segments.sealOld()
      await lanes.pages.sealOld()
      running = queue.length > 0 ? run() : undefined
    })()
    await running
  }

  return {
    sealOld,
    add(frame, after = []) {
      const placement = waiting(frame, after as readonly Waiting[])
      queue.push(placement)
      gathering.add(frame)
      running ??= run()
      return placement
    },
    idle,
    async close() {
      await idle()
      await lanes.segments.close()
      await lanes.pages.close()
    },
  }
}

function ofKind(group: readonly Waiting[], kind: PackKind): Waiting[] {
  return group.filter(one => packKindOf(one.frame.type) === kind)
}

function waiting(frame: Frame, after: readonly Waiting[]): Waiting {
  const { promise, resolve, reject } = Promise.withResolvers<Place>()
  // Whoever put it has its own handle on the promise; without one, a failure is nobody's news.
  promise.catch(() => undefined)
  return {
    frame,
    after,
    durable: promise,
    state: 'waiting',
    place: undefined,
    failure: undefined,
    settle(place) {
      this.state = 'durable'
      this.place = place
      resolve(place)
    },
    fail(error) {
      if (this.state !== 'waiting') return
      this.state = 'failed'
      this.failure = error
      reject(error)
    },
  }
}

/**
 * Jobs that an admin signs while a simulated fleet lives: back up now, verify, restore to the device; and what a rogue
 * collector shows besides: jobs that nobody signed, jobs of others, jobs that are done, and rubbish.
 */
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { sealTo } from '@backstay/proto/content/age'
import { type DeviceId, idToBytes } from '@backstay/proto/object/id'
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { type JobKind, signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { encodeRestoreWish, newFolderPlace, type SnapshotChoice } from '@backstay/proto/trust/restore-wish'
import { type TestFleet, testKey } from '@backstay/proto/trust/testing/fleet'
import type { Random } from '../testing/random.ts'

/** For whom a job is. */
export interface JobDevice {
  readonly name: string
  readonly device: DeviceId
  /** Of its age identity. */
  readonly recipient: string
  somePath(): string
}

export interface SignedJob {
  /** Of its order, in hexadecimal digits. */
  readonly id: string
  readonly name: string
  readonly kind: JobKind
  readonly envelope: Bytes
  /** By the admin's clock. */
  readonly expiresAtMs: number
  /** Of a restore. */
  readonly path: string
}

export interface SimulatedJobs {
  /** The next one, signed by the fleet's admin. */
  next(device: JobDevice, nowMs: number): Promise<SignedJob>
  /** Undefined: nobody signed it. */
  signedFor(id: string): SignedJob | undefined
  readonly signed: Iterable<SignedJob>
  /** One that no device may obey, or that one has obeyed already; undefined while there is none. */
  rogue(): Bytes | undefined
}

const hourMs = 3_600_000
const kinds: readonly JobKind[] = ['backup', 'verify', 'restore', 'restore', 'diagnostics']

export async function simulatedJobs(p: Primitives, fleet: TestFleet, random: Random): Promise<SimulatedJobs> {
  const stranger = await testKey(p, 'stranger')
  const signed = new Map<string, SignedJob>()
  const forged: Bytes[] = []

  async function sign(key: SigningKey, { name, device, recipient, somePath }: JobDevice, nowMs: number) {
    const kind = random.pick(kinds)
    const path = somePath()
    const newest: SnapshotChoice = { kind: 'newest' }
    const snapshot = random.pick([
      newest,
      newest,
      { kind: 'at', ms: nowMs - random.below(48) * hourMs },
    ] as const)
    const wish = encodeRestoreWish({ path: utf8(path), snapshot, place: newFolderPlace })
    const sealed = kind === 'restore' ? await sealTo([recipient], wish) : new Uint8Array()
    const expiresAtMs = nowMs + (1 + random.below(72)) * hourMs
    const order = newOrder(p, fleet.trust, nowMs, { expiresAtMs, audience: [idToBytes(device)] })
    const envelope = await signJob(p, { order, kind, sealed }, key)
    return { id: hex(order.id), name, kind, envelope, expiresAtMs, path }
  }

  return {
    async next(device, nowMs) {
      const job = await sign(fleet.admin, device, nowMs)
      signed.set(job.id, job)
      forged.push((await sign(stranger, device, nowMs)).envelope)
      return job
    },
    signedFor: id => signed.get(id),
    get signed() {
      return signed.values()
    },
    rogue() {
      if (signed.size === 0) return undefined
      const [real] = [...signed.values()].slice(random.below(signed.size))
      return random.pick([
        forged[random.below(forged.length)],
        real?.envelope,
        random.bytes(random.below(300)),
      ])
    },
  }
}

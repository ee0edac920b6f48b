/** Hands a parcel over: a job by which its receiver, and nobody else, opens it and puts it into a new folder. */
import { sealTo } from '@backstay/proto/content/age'
import type { Reference } from '@backstay/proto/content/entry'
import type { Path } from '@backstay/proto/content/map/key'
import { type DeviceId, idToBytes } from '@backstay/proto/object/id'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { type Job, jobDaysMax, signJob } from '@backstay/proto/trust/job'
import { newOrder } from '@backstay/proto/trust/order'
import { encodeRestoreWish, newFolderPlace } from '@backstay/proto/trust/restore-wish'
import type { AdminSession } from '../admin.ts'
import { wishedPath } from './part.ts'

export interface Sending {
  readonly parcel: DeviceId
  readonly root: Reference
  readonly top: Path
  readonly untilMs: number
}

const dayMs = 86_400_000

/** Good for as long as a job may be, and no longer than the parcel. Throws what the link throws. */
export async function sendParcel(
  { primitives: p, trust, admin, link }: AdminSession,
  receiver: Certificate,
  { parcel, root, top, untilMs }: Sending,
  nowMs: number,
): Promise<Job> {
  const expiresAtMs = Math.min(nowMs + jobDaysMax * dayMs, untilMs)
  const wish = {
    path: wishedPath(top),
    snapshot: { kind: 'number', sequence: 1 },
    place: newFolderPlace,
    root,
  } as const
  const job: Job = {
    order: newOrder(p, trust, nowMs, { expiresAtMs, audience: [idToBytes(receiver.device)] }),
    kind: 'restore',
    sealed: await sealTo([receiver.recipient], encodeRestoreWish(wish)),
    source: parcel,
  }
  await link.putRecord(await signJob(p, job, admin.signingKey))
  return job
}

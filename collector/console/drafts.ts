/** What a key holder means to sign, and the signed envelope of it. Pure: a page signs with it as well. */
import type { Bytes } from '@backstay/proto/bytes'
import { sealTo } from '@backstay/proto/content/age'
import { type DeviceId, deviceId, idToBytes } from '@backstay/proto/object/id'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { type Grant, signGrant } from '@backstay/proto/trust/grant'
import { type JobKind, pauseWaitsMsMax, signJob } from '@backstay/proto/trust/job'
import { newOrder, type Order, type OrderOptions } from '@backstay/proto/trust/order'
import { encodeRestoreWish, type RestoreWish } from '@backstay/proto/trust/restore-wish'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { encodeToken } from '@backstay/proto/trust/token'
import type { KeyHolder } from './key-holder.ts'
import { idOf, type OrderDraft, signOrderDraft } from './policy/order-drafts.ts'

export type Draft =
  | JobDraft
  | OrderDraft
  | {
      readonly kind: 'grant'
      readonly label: string
      readonly uses: number
      readonly expiresAtMs: number
      /** Whether each device waits until an admin says where it stands. */
      readonly manualApproval: boolean
    }
  | {
      readonly kind: 'revoke'
      readonly what: 'device' | 'grant'
      readonly id: string
      readonly reason: string
    }

/** For one device. A restore is another thing: `signRestore`. */
export type JobDraft = { readonly kind: 'job'; readonly device: string } & (
  | { readonly job: Exclude<JobKind, 'restore' | 'pause'> }
  | { readonly job: 'pause'; readonly minutes: number }
)

export interface SignedDraft {
  readonly envelope: Bytes
  /** What devices enrol with; shown once. */
  readonly token?: string
}

const dayMs = 86_400_000

/** Throws `bad_setting`, `bad_id` and what signing throws. `urls`: where new devices find the collector. */
export async function signDraft(
  holder: KeyHolder,
  draft: Draft,
  { nowMs, urls }: { readonly nowMs: number; readonly urls: readonly string[] },
): Promise<SignedDraft> {
  const { primitives: p, signingKey, trust } = holder
  const order = (options: OrderOptions = {}) => newOrder(p, trust, nowMs, options)
  switch (draft.kind) {
    case 'job':
      return { envelope: await signJobDraft(holder, draft, nowMs) }
    case 'policy':
    case 'group':
    case 'assignment':
      return { envelope: await signOrderDraft(holder, draft, nowMs) }
    case 'grant':
      return signToken(holder, draft, order({ expiresAtMs: draft.expiresAtMs }), urls)
    case 'revoke': {
      const id = idOf(draft.id)
      const what =
        draft.what === 'device'
          ? { device: deviceId(id), grantId: undefined }
          : { device: undefined, grantId: id }
      return {
        envelope: await signRevoke(p, { order: order(), ...what, reason: draft.reason }, signingKey),
      }
    }
  }
}

/** Throws `bad_id`. */
export function signJobDraft(
  { primitives: p, trust, signingKey }: Pick<KeyHolder, 'primitives' | 'trust' | 'signingKey'>,
  draft: JobDraft,
  nowMs: number,
): Promise<Bytes> {
  const waitsMs = draft.job === 'pause' ? pauseWaitsMsMax : dayMs
  const order = newOrder(p, trust, nowMs, { expiresAtMs: nowMs + waitsMs, audience: [idOf(draft.device)] })
  const minutes = draft.job === 'pause' ? { minutes: draft.minutes } : {}
  return signJob(p, { order, kind: draft.job, sealed: new Uint8Array(), ...minutes }, signingKey)
}

/** A restore on the device itself, into a new folder there or where it was. With `source` and `root`: of that device's snapshot. The wish is sealed for the device: the collector sees neither path nor moment. */
export async function signRestore(
  { primitives: p, trust, signingKey }: KeyHolder,
  { device, recipient }: Pick<Certificate, 'device' | 'recipient'>,
  path: Bytes,
  { snapshot, place, root }: Pick<RestoreWish, 'snapshot' | 'place' | 'root'>,
  nowMs: number,
  source?: DeviceId,
): Promise<{ readonly envelope: Bytes; readonly job: Bytes }> {
  const sealed = await sealTo(
    [recipient],
    encodeRestoreWish({ path, snapshot, place, ...(root && { root }) }),
  )
  const order = newOrder(p, trust, nowMs, { expiresAtMs: nowMs + 7 * dayMs, audience: [idToBytes(device)] })
  return {
    envelope: await signJob(p, { order, kind: 'restore', sealed, ...(source && { source }) }, signingKey),
    job: order.id,
  }
}

async function signToken(
  { primitives: p, trust, signingKey }: KeyHolder,
  { label, uses, manualApproval }: Extract<Draft, { kind: 'grant' }>,
  order: Order,
  urls: readonly string[],
): Promise<SignedDraft> {
  const grantSeed = p.random(32)
  const { publicKey: grantKey } = await p.signingKey(grantSeed)
  const grant: Grant = { order, grantKey, label, maxUses: uses, manualApproval }
  const envelope = await signGrant(p, grant, signingKey)
  const spkiPins = trust.document.collectors.flatMap(one => one.spkiPins).slice(0, 8)
  const { fleet, document, payloadHash } = trust
  const about = { urls, spkiPins, fleet, trustVersion: document.version, trustHash: payloadHash }
  return { envelope, token: encodeToken({ ...about, grant: envelope, grantSeed }) }
}

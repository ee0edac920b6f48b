/** What a key holder means to sign, and the signed envelope of it. Pure: a page signs with it as well. */
import { type Bytes, fromHex, hex } from '@backstay/proto/bytes'
import { sealTo } from '@backstay/proto/content/age'
import { Failure } from '@backstay/proto/failure'
import { type DeviceId, deviceId, idToBytes } from '@backstay/proto/object/id'
import { signPolicy } from '@backstay/proto/policy/policy'
import type { LayerSetting } from '@backstay/proto/policy/settings'
import { signAssignment } from '@backstay/proto/trust/assignment'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { type Grant, signGrant } from '@backstay/proto/trust/grant'
import { type JobKind, signJob } from '@backstay/proto/trust/job'
import { newOrder, nextSequence, type Order, type OrderOptions } from '@backstay/proto/trust/order'
import { encodeRestoreWish, type RestoreWish } from '@backstay/proto/trust/restore-wish'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { encodeToken } from '@backstay/proto/trust/token'
import type { KeyHolder } from './key-holder.ts'
import { readOrders } from './policy/fleet-view.ts'
import { Mistake, readValue } from './policy/setting-values.ts'

export type Draft =
  | { readonly kind: 'job'; readonly device: string; readonly job: Exclude<JobKind, 'restore'> }
  | {
      readonly kind: 'policy'
      readonly layer: 'fleet' | 'group' | 'grant' | 'device'
      /** Of the group, grant or device; '' for the fleet. */
      readonly id: string
      readonly name: string
      /** By key (`retention`, `sets.home`): as policy/setting-values.ts writes them. */
      readonly settings: readonly {
        readonly key: string
        readonly value: unknown
        readonly locked: boolean
      }[]
    }
  | {
      readonly kind: 'grant'
      readonly label: string
      readonly uses: number
      readonly expiresAtMs: number
    }
  | {
      readonly kind: 'revoke'
      readonly what: 'device' | 'grant'
      readonly id: string
      readonly reason: string
    }
  | { readonly kind: 'assignment'; readonly devices: readonly string[]; readonly group: string }

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
    case 'job': {
      const audience = [idOf(draft.device)]
      const job = {
        order: order({ expiresAtMs: nowMs + dayMs, audience }),
        kind: draft.job,
        sealed: new Uint8Array(),
      }
      return { envelope: await signJob(p, job, signingKey) }
    }
    case 'policy': {
      const audience = draft.layer === 'fleet' ? [] : [idOf(draft.id)]
      const settings = draft.settings.map(settingOf)
      const policy = {
        order: order({ audience, sequence: await next(holder, 'policy', audience) }),
        name: draft.name,
        settings,
      }
      return { envelope: await signPolicy(p, policy, signingKey) }
    }
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
    case 'assignment': {
      const devices = draft.devices.map(one => deviceId(idOf(one)))
      const group = draft.group === '' ? undefined : idOf(draft.group)
      const sequence = await next(holder, 'assignment', [])
      return {
        envelope: await signAssignment(
          p,
          { kind: 'assignment', order: order({ sequence }), devices, group },
          signingKey,
        ),
      }
    }
  }
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
  { label, uses }: Extract<Draft, { kind: 'grant' }>,
  order: Order,
  urls: readonly string[],
): Promise<SignedDraft> {
  const grantSeed = p.random(32)
  const { publicKey: grantKey } = await p.signingKey(grantSeed)
  const grant: Grant = { order, grantKey, label, maxUses: uses, manualApproval: false }
  const envelope = await signGrant(p, grant, signingKey)
  const spkiPins = trust.document.collectors.flatMap(one => one.spkiPins).slice(0, 8)
  const { fleet, document, payloadHash } = trust
  const about = { urls, spkiPins, fleet, trustVersion: document.version, trustHash: payloadHash }
  return { envelope, token: encodeToken({ ...about, grant: envelope, grantSeed }) }
}

/** The number after those that stand, whoever signed them. */
async function next(
  holder: KeyHolder,
  kind: 'policy' | 'assignment',
  audience: readonly Bytes[],
): Promise<number> {
  const same = (one: readonly Bytes[]) => one.map(hex).join() === audience.map(hex).join()
  const before = (await readOrders(holder)).flatMap(({ order: one }) =>
    one.kind === kind && (kind === 'assignment' || same(one.order.audience)) ? one.order : [],
  )
  return nextSequence(before, holder.trust.document.version)
}

function settingOf({ key, value, locked }: { key: string; value: unknown; locked: boolean }): LayerSetting {
  try {
    return { ...readValue(key, value), locked }
  } catch (error) {
    if (error instanceof Mistake) throw new Failure('bad_setting', error.message)
    throw error
  }
}

function idOf(text: string): Bytes {
  const bytes = fromHex(text)
  if (bytes?.length === 16) return bytes
  throw new Failure('bad_id', `"${text}" is no id`)
}

/**
 * Makes a fleet: all keys at once, in memory, on the admin's side. What leaves is public: Trust, the keyring and the first
 * policy; the owner key and the kit identity exist only on the kit's page, the admin's keys only under his passphrase.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { utf8 } from '@backstay/proto/bytes'
import { generateIdentity, recipientOf, sealTo } from '@backstay/proto/content/age'
import type { Kit } from '@backstay/proto/content/kit'
import { signPolicy } from '@backstay/proto/policy/policy'
import type { BackupSet, Retention } from '@backstay/proto/policy/settings'
import type { Primitives } from '@backstay/proto/primitives'
import { signKeyring } from '@backstay/proto/trust/keyring'
import { newOrder } from '@backstay/proto/trust/order'
import type { Setup } from '@backstay/proto/trust/setup'
import {
  fleetOf,
  signTrust,
  type TrustDocument,
  type VerifiedTrust,
  verifyTrustChain,
} from '@backstay/proto/trust/trust'
import type { AdminKey } from './admin-key.ts'

export interface FoundingWish {
  readonly setup: Setup
  readonly fleetName: string
  readonly adminName: string
  readonly backupSet: BackupSet
  readonly nowMs: number
}

export interface NewFleet {
  readonly trust: VerifiedTrust
  readonly kit: Kit
  readonly adminKey: AdminKey
  /** Envelopes for the collector: Trust version 1, keyring, first policy. */
  readonly records: readonly Bytes[]
}

/** Trust that expired only warns; two years are long enough not to, short enough to look again. */
const trustDays = 730
const dayMs = 86_400_000
const seedBytes = 32

/** Daily for a quarter, weekly for a year, monthly for three, then yearly. */
export const usualRetention: Retention = {
  keepWithinDays: 30,
  keepDaily: 90,
  keepWeekly: 52,
  keepMonthly: 36,
  keepYearly: 10,
}

export async function makeFleet(p: Primitives, wish: FoundingWish): Promise<NewFleet> {
  const ownerSeed = p.random(seedBytes)
  const adminKey = { seed: p.random(seedBytes), identity: await generateIdentity() }
  const [kitIdentity, deskIdentity] = [await generateIdentity(), await generateIdentity()]
  const owner = await p.signingKey(ownerSeed)
  const admin = await p.signingKey(adminKey.seed)
  const document: TrustDocument = {
    version: 1,
    previous: new Uint8Array(),
    salt: p.random(16),
    fleetName: wish.fleetName,
    issuedAtMs: wish.nowMs,
    expiresAtMs: wish.nowMs + trustDays * dayMs,
    owners: [{ key: owner.publicKey, label: 'recovery kit' }],
    threshold: 1,
    admins: [
      {
        key: admin.publicKey,
        name: wish.adminName,
        recipient: await recipientOf(adminKey.identity),
        roles: ['policy', 'restore', 'enroll', 'audit'],
        notAfterMs: 0,
      },
    ],
    kitRecipient: await recipientOf(kitIdentity),
    deskRecipient: await recipientOf(deskIdentity),
    collectors: [{ key: wish.setup.collectorKey, spkiPins: wish.setup.spkiPins, binding: 'tls_exporter' }],
    flags: { hostedKeys: false, retentionMinDays: 30, twoPerson: false, groupDomains: false },
  }
  const envelope = await signTrust(p, document, [owner])
  const trust = await verifyTrustChain(p, [envelope], await fleetOf(p, envelope))
  const keyring = {
    order: newOrder(p, trust, wish.nowMs),
    deskRecipient: document.deskRecipient,
    file: await sealTo(
      document.admins.map(one => one.recipient),
      utf8(`${deskIdentity}\n`),
    ),
  }
  const policy = {
    order: newOrder(p, trust, wish.nowMs),
    name: 'first policy',
    settings: [
      { kind: 'backupSet', value: wish.backupSet, locked: false },
      { kind: 'retention', value: usualRetention, locked: false },
    ] as const,
  }
  return {
    trust,
    kit: { fleet: trust.fleet, ownerSeed, identity: kitIdentity },
    adminKey,
    records: [envelope, await signKeyring(p, keyring, admin), await signPolicy(p, policy, admin)],
  }
}

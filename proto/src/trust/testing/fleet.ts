/** A small fleet for tests: everyone's keys are the hash of a name, identities are fixed and known to all the world. */
import identities from '../../../vectors/identities.json' with { type: 'json' }
import { type Bytes, utf8 } from '../../bytes.ts'
import type { DeviceId } from '../../object/id.ts'
import { signPolicy } from '../../policy/policy.ts'
import type { LayerSetting } from '../../policy/settings.ts'
import type { Primitives, SigningKey } from '../../primitives.ts'
import { type Certificate, deviceIdOf, signCertificate } from '../certificate.ts'
import { type Grant, signGrant } from '../grant.ts'
import { newOrder, type OrderOptions } from '../order.ts'
import { fleetOf, signTrust, type TrustDocument, type VerifiedTrust, verifyTrustChain } from '../trust.ts'

/** An age identity that tests may use, and its recipient. */
export function testIdentity(index: number): { readonly identity: string; readonly recipient: string } {
  const one = identities[index]
  if (one === undefined) throw new RangeError(`there are ${identities.length} test identities`)
  return one
}

/** 2026-01-01. */
export const testNowMs = 1_767_225_600_000
const dayMs = 86_400_000

export async function testKey(p: Primitives, name: string): Promise<SigningKey> {
  return p.signingKey(await p.sha256(utf8(name)))
}

export interface TestFleet {
  readonly trust: VerifiedTrust
  /** One owner; signs Trust. */
  readonly owner: SigningKey
  /** One admin with the roles policy, restore, enroll and audit; recipient is testIdentity(2). */
  readonly admin: SigningKey
  readonly collector: SigningKey
  /** testIdentity(0) */
  readonly kitIdentity: string
  /** testIdentity(1) */
  readonly deskIdentity: string
}

export async function testTrustDocument(
  p: Primitives,
  changes: Partial<TrustDocument> = {},
): Promise<TrustDocument> {
  const key = async (name: string) => (await testKey(p, name)).publicKey
  return {
    version: 1,
    previous: new Uint8Array(),
    salt: new Uint8Array(16).fill(7),
    fleetName: 'example fleet',
    issuedAtMs: testNowMs,
    expiresAtMs: testNowMs + 730 * dayMs,
    owners: [{ key: await key('owner'), label: 'paper kit' }],
    threshold: 1,
    admins: [
      {
        key: await key('admin'),
        name: 'first admin',
        recipient: testIdentity(2).recipient,
        roles: ['policy', 'restore', 'enroll', 'audit'],
        notAfterMs: 0,
      },
    ],
    kitRecipient: testIdentity(0).recipient,
    deskRecipient: testIdentity(1).recipient,
    collectors: [
      { key: await key('collector'), spkiPins: [new Uint8Array(32).fill(9)], binding: 'tls_exporter' },
    ],
    flags: { hostedKeys: false, retentionMinDays: 30, twoPerson: false, groupDomains: false },
    ...changes,
  }
}

export async function testFleet(p: Primitives, changes: Partial<TrustDocument> = {}): Promise<TestFleet> {
  const owner = await testKey(p, 'owner')
  const envelope = await signTrust(p, await testTrustDocument(p, changes), [owner])
  return {
    trust: await verifyTrustChain(p, [envelope], await fleetOf(p, envelope)),
    owner,
    admin: await testKey(p, 'admin'),
    collector: await testKey(p, 'collector'),
    kitIdentity: testIdentity(0).identity,
    deskIdentity: testIdentity(1).identity,
  }
}

export interface TestDevice {
  readonly id: DeviceId
  readonly key: SigningKey
  readonly grant: Grant
  readonly grantKey: SigningKey
  readonly grantEnvelope: Bytes
  readonly certificate: Certificate
  readonly certificateEnvelope: Bytes
  /** testIdentity(3) */
  readonly identity: string
}

/** A device with a grant of its own, ready to enrol. */
/** `machine`: marks of the machine that it says it is on. */
export async function testDevice(
  p: Primitives,
  fleet: TestFleet,
  name: string,
  machine: readonly Bytes[] = [],
): Promise<TestDevice> {
  const key = await testKey(p, `device ${name}`)
  const grantKey = await testKey(p, `grant ${name}`)
  const grant: Grant = {
    order: newOrder(p, fleet.trust, testNowMs, { expiresAtMs: testNowMs + dayMs }),
    grantKey: grantKey.publicKey,
    label: `grant for ${name}`,
    maxUses: 1,
    manualApproval: false,
  }
  const certificate: Certificate = {
    fleet: fleet.trust.fleet,
    device: await deviceIdOf(p, key.publicKey),
    deviceKey: key.publicKey,
    grantId: grant.order.id,
    name,
    platform: 'linux',
    issuedAtMs: testNowMs,
    recipient: testIdentity(3).recipient,
    machine,
  }
  return {
    id: certificate.device,
    key,
    grant,
    grantKey,
    grantEnvelope: await signGrant(p, grant, fleet.admin),
    certificate,
    certificateEnvelope: await signCertificate(p, certificate, grantKey, key),
    identity: testIdentity(3).identity,
  }
}

/** A policy that backs up /home, signed by the fleet's admin. */
export function testPolicy(p: Primitives, fleet: TestFleet, options: OrderOptions = {}): Promise<Bytes> {
  const home = { name: 'home', roots: [utf8('/home')], excludes: ['*.tmp'], presets: [], shareSegments: true }
  const retention = { keepWithinDays: 30, keepDaily: 30, keepWeekly: 12, keepMonthly: 24, keepYearly: 7 }
  return testLayer(
    p,
    fleet,
    [
      { kind: 'backupSet', value: home, locked: false },
      { kind: 'retention', value: retention, locked: false },
    ],
    options,
  )
}

/** One layer, signed by the fleet's admin. */
export function testLayer(
  p: Primitives,
  fleet: TestFleet,
  settings: readonly LayerSetting[],
  options: OrderOptions = {},
): Promise<Bytes> {
  const order = newOrder(p, fleet.trust, testNowMs, options)
  return signPolicy(p, { order, name: 'test policy', settings }, fleet.admin)
}

/**
 * Records that a replay found in the packs become facts only when their signatures hold, judged by the Trust that their
 * signers named: later changes of people must not undo devices or revive what was revoked. What cannot be judged yet,
 * because something before it is lost, waits.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeCertificate, deviceIdOf, verifyCertificate } from '@backstay/proto/trust/certificate'
import { verifyCatalogRows, verifyForget, verifyReceipt } from '@backstay/proto/trust/collector-word'
import { decodeEnvelope, keyIdOf, type PayloadKind, signersOf } from '@backstay/proto/trust/envelope'
import { decodeErase } from '@backstay/proto/trust/erase'
import { verifyEscrow } from '@backstay/proto/trust/escrow-record'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { decodeHold } from '@backstay/proto/trust/hold'
import { decodeKeyring } from '@backstay/proto/trust/keyring'
import type { Order } from '@backstay/proto/trust/order'
import {
  decodeStanding,
  type OrderContext,
  verifyErase,
  verifyHold,
  verifyKeyring,
  verifyPastGrant,
  verifyProof,
  verifyRevoke,
  verifyStanding,
} from '@backstay/proto/trust/orders'
import { verifyPastParcel } from '@backstay/proto/trust/parcel'
import { decodeProof } from '@backstay/proto/trust/proof'
import { verifyReport } from '@backstay/proto/trust/report'
import { decodeRevoke } from '@backstay/proto/trust/revoke'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import { deviceById } from '../catalog/devices.ts'
import { writeFacts } from '../catalog/facts.ts'
import { countGrantUses, grantById } from '../catalog/grants.ts'
import { type NewRecord, recordsOf, setRecordState, trustChain } from '../catalog/records.ts'
import type { Sql } from '../catalog/sql.ts'
import { signerKeyOf } from '../catalog/writers.ts'

export interface Judged {
  readonly refused: readonly { readonly kind: PayloadKind; readonly id: ObjectId; readonly why: string }[]
  readonly waiting: readonly { readonly kind: PayloadKind; readonly id: ObjectId; readonly why: string }[]
  /** Devices that are known by their own signature only, because the grant of their enrolment is lost. */
  readonly unproven: readonly DeviceId[]
}

interface Judge {
  readonly p: Primitives
  readonly sql: Sql
  readonly fleet: FleetId
  readonly vault: number
  readonly history: VerifiedTrust[]
  readonly unproven: DeviceId[]
}

/** What a record needs stands before it. */
const kinds: readonly PayloadKind[] = [
  'trust',
  'grant',
  'certificate',
  'revoke',
  'parcel',
  'escrow',
  'policy',
  'group',
  'assignment',
  'keyring',
  'proof',
  'job',
  'report',
  'hold',
  'erase',
  'receipt',
  'forget',
  'catalog',
]

/** Codes that say "not yet". */
const waitingCodes = ['trust_gap', 'trust_behind', 'unknown_device']

export async function judgeRecords(
  p: Primitives,
  sql: Sql,
  scope: { readonly fleet: FleetId; readonly vault: number },
): Promise<Judged> {
  const believed = await trustChain(sql, scope.fleet)
  const history = [...(await verifyTrustHistory(p, believed, scope.fleet))]
  const judge: Judge = { p, sql, ...scope, history, unproven: [] }
  const refused: Judged['refused'][number][] = []
  const waiting: Judged['waiting'][number][] = []
  for (const kind of kinds) {
    const found = await recordsOf(sql, scope.fleet, kind, undefined, 'found')
    for (const record of found.sort((a, b) => a.ordinal - b.ordinal)) {
      try {
        await believe(judge, record)
      } catch (error) {
        // The catalog's own trouble is no verdict: a record that is refused for it would be refused for good.
        if (!isFailure(error) || error.code.startsWith('catalog_')) throw error
        const fact = { kind, id: record.id, why: error.message }
        if (waitingCodes.includes(error.code)) waiting.push(fact)
        else {
          refused.push(fact)
          await setRecordState(sql, scope.fleet, record, 'refused')
        }
      }
    }
  }
  await countGrantUses(sql, scope.fleet)
  return { refused, waiting, unproven: judge.unproven }
}

async function believe(judge: Judge, record: NewRecord): Promise<void> {
  const keyId = await verify(judge, record)
  const { fleet, vault } = judge
  await judge.sql.transaction(async tx => {
    await setRecordState(tx, fleet, record, 'believed')
    await writeFacts(tx, { fleet, vault }, record, keyId)
  })
}

/** Throws when the record does not hold; returns the id of the key in a certificate or a parcel. */
async function verify(judge: Judge, record: NewRecord): Promise<Bytes | undefined> {
  const { p, history } = judge
  const { envelope } = record
  const { payload } = decodeEnvelope(envelope)
  switch (record.kind) {
    case 'trust': {
      const next = (await verifyTrustHistory(p, [envelope], history.at(-1) ?? judge.fleet)).at(-1)
      if (next !== undefined) history.push(next)
      return
    }
    case 'grant':
      await verifyPastGrant(p, envelope, history)
      return
    case 'certificate':
      return verifyDevice(judge, record)
    case 'report': {
      const device = await deviceById(judge.sql, judge.fleet, record.domain)
      if (device === undefined) throw new Failure('unknown_device', 'the device of a report is not known')
      await verifyReport(p, envelope, device.deviceKey)
      return
    }
    case 'escrow': {
      const key = await signerKeyOf(judge.sql, judge.fleet, record.domain)
      if (key === undefined) throw new Failure('unknown_device', 'the device of an escrow is not known')
      await verifyEscrow(p, envelope, key)
      return
    }
    case 'parcel': {
      const word = await verifyPastParcel(p, envelope, history)
      return 'ends' in word ? undefined : keyIdOf(p, word.key)
    }
    case 'revoke':
      await verifyRevoke(p, envelope, pastContext(judge, decodeRevoke(payload).order))
      return
    case 'policy':
    case 'group':
    case 'assignment':
      await verifyStanding(p, envelope, pastContext(judge, decodeStanding(envelope).order))
      return
    case 'keyring':
      await verifyKeyring(p, envelope, pastContext(judge, decodeKeyring(payload).order))
      return
    case 'proof':
      await verifyProof(p, envelope, pastContext(judge, decodeProof(payload).order))
      return
    case 'hold':
      await verifyHold(p, envelope, pastContext(judge, decodeHold(payload).order))
      return
    case 'erase':
      await verifyErase(p, envelope, pastContext(judge, decodeErase(payload).order))
      return
    case 'receipt':
      await verifyReceipt(p, envelope, history)
      return
    case 'catalog':
      await verifyCatalogRows(p, envelope, history)
      return
    case 'forget':
      requireDevice(record, (await verifyForget(p, envelope, history)).device)
      return
    default:
      // Jobs are judged by those whom they command.
      return
  }
}

/**
 * A certificate under a verified grant. When the grant's record is lost, the device's own signature must do: its data
 * would be out of reach otherwise, and consoles judge the whole chain themselves.
 */
async function verifyDevice(judge: Judge, { envelope, domain }: NewRecord): Promise<Bytes> {
  const { p, sql, fleet } = judge
  const certificate = decodeCertificate(decodeEnvelope(envelope).payload)
  const grant = await grantById(sql, fleet, certificate.grantId)
  if (grant !== undefined) {
    await verifyCertificate(p, envelope, decodeGrant(decodeEnvelope(grant.envelope).payload))
  } else {
    const signers = await signersOf(p, 'certificate', decodeEnvelope(envelope), [certificate.deviceKey])
    if (signers.length === 0) throw new Failure('bad_signature', 'a certificate that its device did not sign')
    judge.unproven.push(certificate.device)
  }
  const device = await deviceIdOf(p, certificate.deviceKey)
  if (device !== domain || certificate.device !== domain || certificate.fleet !== fleet) {
    throw new Failure('bad_certificate', `the certificate in domain "${domain}" is for another device`)
  }
  return keyIdOf(p, certificate.deviceKey)
}

function requireDevice({ domain, kind }: NewRecord, device: DeviceId): void {
  if (device === domain) return
  throw new Failure('wrong_domain', `the ${kind} in domain "${domain}" is about another device`)
}

/** As its signer saw the world. */
function pastContext({ history }: Judge, order: Order): OrderContext {
  const trust = history.find(one => one.document.version === order.trustVersion)
  if (trust !== undefined) return { trust, nowMs: order.issuedAtMs, held: true }
  throw new Failure('trust_behind', `version ${order.trustVersion} of Trust is not known here`)
}

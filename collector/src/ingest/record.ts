/**
 * Which signed envelopes may become records. Roles and expiry were judged before (fleet/); here stands what later reads
 * of the packs rely on: the record is in the right domain, of this fleet, and an escrow is its device's own word.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { encodeRecord } from '@backstay/proto/object/header'
import { type FleetId, objectId, type Sealed } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { decodeCertificate, deviceIdOf } from '@backstay/proto/trust/certificate'
import { decodeEnvelope, keyIdOf, kindOf } from '@backstay/proto/trust/envelope'
import { verifyEscrow } from '@backstay/proto/trust/escrow-record'
import { decodeParcel } from '@backstay/proto/trust/parcel'
import { verifyReport } from '@backstay/proto/trust/report'
import { fleetOf } from '@backstay/proto/trust/trust'
import { ordinalOf } from '../catalog/facts.ts'
import type { Sql } from '../catalog/sql.ts'
import { type Domain, fleetDomain } from '../catalog/vaults.ts'
import { writerOf } from '../catalog/writers.ts'
import type { Frame } from '../packs/open-pack.ts'
import type { Note } from './note.ts'

export interface Scope {
  readonly vault: number
  /** Undefined until the first Trust document is stored. */
  readonly fleet: FleetId | undefined
}

/** Throws `bad_…`, `wrong_type`, `wrong_fleet`, `wrong_domain`, `not_founded`, `unknown_device`. */
export async function readRecord(
  p: Primitives,
  sql: Sql,
  scope: Scope,
  domain: Domain,
  envelope: Bytes,
  nowMs: number,
): Promise<{ readonly frame: Frame; readonly note: Extract<Note, { kind: 'record' }> }> {
  const decoded = decodeEnvelope(envelope)
  const kind = kindOf(decoded)
  if (kind === 'commit') throw new Failure('wrong_type', 'a commit is published, not put')
  const ordinal = ordinalOf(kind, decoded.payload)
  const founds = kind === 'trust' && ordinal === 1 ? await fleetOf(p, envelope) : undefined
  const fleet = scope.fleet ?? founds
  if (fleet === undefined) {
    throw new Failure('not_founded', 'this collector serves no fleet yet', { hint: 'run: backstay init' })
  }
  if (founds !== undefined && founds !== fleet) {
    throw new Failure('wrong_fleet', `this collector serves fleet "${fleet}", not "${founds}"`)
  }
  let keyId: Bytes | undefined
  if (kind === 'certificate') {
    const certificate = decodeCertificate(decoded.payload)
    requireOwner(domain, await deviceIdOf(p, certificate.deviceKey), kind)
    requireFleet(fleet, certificate.fleet)
    keyId = await keyIdOf(p, certificate.deviceKey)
  }
  if (kind === 'parcel') {
    const word = decodeParcel(decoded.payload)
    requireOwner(domain, fleetDomain, kind)
    requireFleet(fleet, word.order.fleet)
    if (!('ends' in word)) keyId = await keyIdOf(p, word.key)
  }
  if (kind === 'escrow') {
    const writer = await writerOf(sql, fleet, domain, nowMs)
    if (writer === undefined) throw unknownDevice(domain)
    requireFleet(fleet, (await verifyEscrow(p, envelope, writer.key)).fleet)
  }
  if (kind === 'report') {
    const writer = await writerOf(sql, fleet, domain, nowMs)
    if (writer?.kind !== 'device') throw unknownDevice(domain)
    const report = await verifyReport(p, envelope, writer.key)
    requireFleet(fleet, report.fleet)
    requireOwner(domain, report.device, kind)
  }
  const stored = encodeRecord(envelope) as Sealed
  const id = objectId(await p.sha256(stored))
  return {
    frame: { domain, id, type: 'record', stored },
    note: { kind: 'record', fleet, record: { kind, domain, id, ordinal, envelope }, keyId },
  }
}

export function unknownDevice(device: Domain): Failure {
  return new Failure('unknown_device', `device "${device}" is not enrolled here, or was revoked`)
}

export function requireFleet(own: FleetId, other: FleetId): void {
  if (own !== other) throw new Failure('wrong_fleet', `this collector serves fleet "${own}", not "${other}"`)
}

function requireOwner(domain: Domain, device: Domain, kind: string): void {
  if (domain === device) return
  throw new Failure('wrong_domain', `the ${kind} of device "${device}" does not belong to "${domain}"`)
}

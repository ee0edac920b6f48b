/** From packs and a kit to the devices of a fleet: every step is proved by signatures, none by the packs' word. */
import type { Archive } from '@backstay/agent/commands/browse'
import type { Bytes } from '@backstay/proto/bytes'
import { equalBytes } from '@backstay/proto/bytes'
import type { Kit } from '@backstay/proto/content/kit'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId, ObjectId, Sealed } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { type Certificate, decodeCertificate } from '@backstay/proto/trust/certificate'
import { verifyForget } from '@backstay/proto/trust/collector-word'
import { type Commit, decodeCommit } from '@backstay/proto/trust/commit'
import { decodeEnvelope, kindOf, type PayloadKind } from '@backstay/proto/trust/envelope'
import { decodeEscrow } from '@backstay/proto/trust/escrow-record'
import { decodeGrant } from '@backstay/proto/trust/grant'
import { type VerifiedTrust, verifyTrustHistory } from '@backstay/proto/trust/trust'
import { decodeTrust } from '@backstay/proto/trust/trust-document'
import type { PackFolder } from './pack-folder.ts'
import type { RecordSource } from './record-source.ts'
import { kitWay, unlockFrom } from './unlock.ts'

export interface RecoveredDevice {
  readonly certificate: Certificate
  /** Undefined when its escrow does not open: `why` says so. */
  readonly archive: Archive | undefined
  /** Snapshots that the rule let go, as far as their bytes are still there; by sequence. */
  readonly forgotten: readonly ForgottenSnapshot[]
  readonly why: Failure | undefined
}

export interface ForgottenSnapshot {
  readonly sequence: number
  /** By the collector's clock. */
  readonly forgottenAtMs: number
}

export interface RecoverOptions {
  /** Also what the rule let go. */
  readonly all?: boolean
}

export interface RecoveredFleet {
  readonly history: readonly VerifiedTrust[]
  readonly devices: readonly RecoveredDevice[]
}

interface StoredRecord {
  readonly id: ObjectId
  readonly envelope: Bytes
  readonly payload: Bytes
  readonly stored: Sealed
}

/** Throws `wrong_kit` when the packs hold another fleet than the kit's, and the codes of Trust. */
export async function recoverFleet(
  p: Primitives,
  packs: PackFolder,
  kit: Kit,
  options: RecoverOptions = {},
): Promise<RecoveredFleet> {
  const records = await sorted(packs)
  const history = await trustOf(p, records, kit)
  const source = recordSource(records)
  const gone = await forgottenIn(p, records, history)
  const devices: RecoveredDevice[] = []
  for (const device of deviceIds(records)) {
    const found = await source.device(device)
    if (found === undefined) continue
    const { certificate } = decodedCertificate(found.certificate)
    const commits = commitsIn(records, device)
    const forgotten = commits.toReversed().flatMap(({ id, commit }) => {
      const forgottenAtMs = gone.get(device + id)
      return forgottenAtMs === undefined ? [] : { sequence: commit.sequence, forgottenAtMs }
    })
    const counts = commits.filter(({ id }) => options.all === true || !gone.has(device + id))
    try {
      const { keys } = await unlockFrom(p, source, history, device, kitWay(kit))
      const reader = {
        primitives: p,
        deviceKey: certificate.deviceKey,
        keysOf: (epoch: number) => keys.get(epoch),
      }
      const archive: Archive = {
        ...{ primitives: p, keys: [...keys.values()], reader },
        source: packs.source(device),
        records: () => recordsOf(counts),
      }
      devices.push({ certificate, archive, forgotten, why: undefined })
    } catch (error) {
      if (!isFailure(error)) throw error
      devices.push({ certificate, archive: undefined, forgotten, why: error })
    }
  }
  return { history, devices }
}

type Records = ReadonlyMap<PayloadKind, readonly StoredRecord[]>

async function sorted(packs: PackFolder): Promise<Records> {
  const byKind = new Map<PayloadKind, StoredRecord[]>()
  for await (const { id, envelope, stored } of packs.records()) {
    try {
      const decoded = decodeEnvelope(envelope)
      const kind = kindOf(decoded)
      byKind.set(kind, [...(byKind.get(kind) ?? []), { id, envelope, stored, payload: decoded.payload }])
    } catch (error) {
      // Not a record of ours: it proves nothing and hides nothing.
      if (!isFailure(error)) throw error
    }
  }
  return byKind
}

async function trustOf(p: Primitives, records: Records, kit: Kit): Promise<readonly VerifiedTrust[]> {
  const documents = (records.get('trust') ?? [])
    .map(({ envelope, payload }) => ({ envelope, version: decodeTrust(payload).version }))
    .sort((a, b) => a.version - b.version)
  const chain = documents.filter(({ version }, index) => version !== documents[index - 1]?.version)
  if (chain.length === 0) {
    throw new Failure('no_trust', 'the packs hold no Trust document', {
      hint: 'check that all packs with the ending .pages are there',
    })
  }
  try {
    return await verifyTrustHistory(
      p,
      chain.map(({ envelope }) => envelope),
      kit.fleet,
    )
  } catch (error) {
    if (!isFailure(error, 'wrong_fleet')) throw error
    throw new Failure('wrong_kit', "the kit is another fleet's than the packs", {
      cause: error,
      hint: 'compare the fingerprint on the kit',
    })
  }
}

function recordSource(records: Records): RecordSource {
  return {
    async device(device) {
      const certificate = records
        .get('certificate')
        ?.find(({ payload }) => decodeCertificate(payload).device === device)
      if (certificate === undefined) return undefined
      const { grantId } = decodeCertificate(certificate.payload)
      const grant = records
        .get('grant')
        ?.find(({ payload }) => equalBytes(decodeGrant(payload).order.id, grantId))
      return grant === undefined ? undefined : { certificate: certificate.envelope, grant: grant.envelope }
    },
    async *escrows(device) {
      for (const { envelope, payload } of records.get('escrow') ?? []) {
        if (decodeEscrow(payload).device === device) yield envelope
      }
    },
    async *keyrings() {
      for (const { envelope } of records.get('keyring') ?? []) yield envelope
    },
  }
}

function deviceIds(records: Records): DeviceId[] {
  return [
    ...new Set((records.get('certificate') ?? []).map(({ payload }) => decodeCertificate(payload).device)),
  ]
}

/**
 * What a genuine collector let go, with the time by its clock: (device, record id). Who holds the packs could leave out
 * such a record and bring snapshots back, or a rooted collector sign one too many: so it hides nothing for good.
 */
async function forgottenIn(
  p: Primitives,
  records: Records,
  history: readonly VerifiedTrust[],
): Promise<ReadonlyMap<string, number>> {
  const gone = new Map<string, number>()
  for (const { envelope } of records.get('forget') ?? []) {
    try {
      const { device, snapshots, clockMs } = await verifyForget(p, envelope, history)
      for (const id of snapshots) gone.set(device + id, clockMs)
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return gone
}

interface StoredCommit {
  readonly id: ObjectId
  readonly stored: Sealed
  readonly commit: Commit
}

/** Newest first. */
function commitsIn(records: Records, device: DeviceId): StoredCommit[] {
  return (records.get('commit') ?? [])
    .map(({ id, stored, payload }) => ({ id, stored, commit: decodeCommit(payload) }))
    .filter(({ commit }) => commit.device === device)
    .sort((a, b) => b.commit.sequence - a.commit.sequence)
}

/** The packs keep no time of receipt that is exact, so the device's own word stands in for it. */
async function* recordsOf(commits: readonly StoredCommit[]) {
  for (const { stored, commit } of commits) yield { stored, receivedAtMs: commit.endedAtMs }
}

function decodedCertificate(envelope: Bytes): { readonly certificate: Certificate } {
  return { certificate: decodeCertificate(decodeEnvelope(envelope).payload) }
}

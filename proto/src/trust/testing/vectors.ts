/** The deeds of trust and of what is escrowed, for the known answers in proto/vectors. testing/known-answers.ts says how they run. */
import { fromHex, hex, utf8 } from '../../bytes.ts'
import { openWithPassphrase } from '../../content/age.ts'
import { openCommitBody, sealCommitBody } from '../../content/commit-body.ts'
import { checkValue, openEscrow } from '../../content/escrow.ts'
import { epochKeys } from '../../content/keys.ts'
import { logDeeds } from '../../log/testing/vectors.ts'
import { type DeviceId, deviceId, type FleetId, fleetId, objectId } from '../../object/id.ts'
import { type Retained, type RetentionRule, retain } from '../../policy/retention.ts'
import type { Primitives } from '../../primitives.ts'
import {
  bytes,
  type Deeds,
  type Input,
  list,
  number,
  type Result,
  runDeed,
  runKnownAnswers,
  text,
  type VectorFile,
} from '../../testing/known-answers.ts'
import { decodeCertificate, verifyCertificate } from '../certificate.ts'
import { verifyCatalogRows, verifyForget, verifyReceipt } from '../collector-word.ts'
import { verifyCommit } from '../commit.ts'
import { decodeEnvelope, type PayloadKind, signEnvelope, signersOf } from '../envelope.ts'
import { decodeEscrow, verifyEscrow } from '../escrow-record.ts'
import { verifyHeartbeat } from '../heartbeat.ts'
import {
  type OrderContext,
  verifyAssignment,
  verifyGrant,
  verifyGroup,
  verifyJob,
  verifyKeyring,
  verifyPastGrant,
  verifyPolicy,
  verifyProof,
  verifyRevoke,
} from '../orders.ts'
import { verifyParcel } from '../parcel.ts'
import { DoneJobs } from '../replay.ts'
import { decodeSetup } from '../setup.ts'
import { decodeToken } from '../token.ts'
import { verifyTrustChain, verifyTrustHistory } from '../trust.ts'

export type { Input, VectorCase, VectorFile } from '../../testing/known-answers.ts'
export { resolve } from '../../testing/known-answers.ts'

const deeds: Deeds = {
  ...logDeeds,
  async 'envelope.sign'(p, input) {
    const keys = await Promise.all(list(input, 'seeds').map(seed => p.signingKey(seed)))
    return signEnvelope(p, text(input, 'kind') as PayloadKind, bytes(input, 'payload'), keys)
  },
  async 'envelope.signers'(p, input) {
    const envelope = decodeEnvelope(bytes(input, 'envelope'))
    return signersOf(p, text(input, 'kind') as PayloadKind, envelope, list(input, 'candidates'))
  },
  async 'trust.verify'(p, input) {
    const { document, payloadHash } = await verifyTrustChain(p, list(input, 'envelopes'), fleet(input))
    return { document, payloadHash }
  },
  async 'trust.update'(p, input) {
    const anchor = await verifyTrustChain(p, list(input, 'believed'), fleet(input))
    return (await verifyTrustChain(p, list(input, 'envelopes'), anchor)).document.version
  },
  'grant.verify': async (p, input) => verifyGrant(p, bytes(input, 'envelope'), await context(p, input)),
  'policy.verify': async (p, input) => verifyPolicy(p, bytes(input, 'envelope'), await context(p, input)),
  'group.verify': async (p, input) => verifyGroup(p, bytes(input, 'envelope'), await context(p, input)),
  'assignment.verify': async (p, input) =>
    verifyAssignment(p, bytes(input, 'envelope'), await context(p, input)),
  'revoke.verify': async (p, input) => verifyRevoke(p, bytes(input, 'envelope'), await context(p, input)),
  'parcel.verify': async (p, input) => verifyParcel(p, bytes(input, 'envelope'), await context(p, input)),
  'keyring.verify': async (p, input) => verifyKeyring(p, bytes(input, 'envelope'), await context(p, input)),
  'proof.verify': async (p, input) => verifyProof(p, bytes(input, 'envelope'), await context(p, input)),
  async 'job.verify'(p, input) {
    const done = new DoneJobs({
      done: list(input, 'done').map(id => ({ id: hex(id), expiresAtMs: Number.MAX_VALUE })),
      forgottenUntilMs: 0,
    })
    const base = await context(p, input)
    return verifyJob(p, bytes(input, 'envelope'), { ...base, audience: base.audience ?? [], done })
  },
  async 'grant.verify-past'(p, input) {
    const history = await verifyTrustHistory(p, list(input, 'trust'), fleet(input))
    return verifyPastGrant(p, bytes(input, 'envelope'), history)
  },
  async 'certificate.verify'(p, input) {
    const grant = await verifyGrant(p, bytes(input, 'grant'), await context(p, input))
    return verifyCertificate(p, bytes(input, 'envelope'), grant)
  },
  'commit.verify': (p, input) => verifyCommit(p, bytes(input, 'envelope'), bytes(input, 'deviceKey')),
  'heartbeat.verify': (p, input) =>
    verifyHeartbeat(p, bytes(input, 'envelope'), {
      fleet: fleet(input),
      device: deviceId(bytes(input, 'device')),
      deviceKey: bytes(input, 'deviceKey'),
    }),
  'escrow.verify': (p, input) => verifyEscrow(p, bytes(input, 'envelope'), bytes(input, 'deviceKey')),
  async 'escrow.open'(p, input) {
    const record = decodeEscrow(decodeEnvelope(bytes(input, 'envelope')).payload)
    return openEscrow(p, record, text(input, 'identity'), text(input, 'way') === 'kit' ? 'kit' : 'desk')
  },
  'escrow.check': (p, input) =>
    checkValue(p, {
      epoch: 1,
      deviceSecret: bytes(input, 'deviceSecret'),
      borderSecret: bytes(input, 'borderSecret'),
    }),
  'keys.derive': (p, input) =>
    epochKeys(p, bytes(input, 'deviceSecret'), bytes(input, 'borderSecret'), number(input, 'epoch')),
  'age.passphrase': (_, input) => openWithPassphrase(bytes(input, 'file'), text(input, 'passphrase')),
  async 'commit-body.seal'(p, input) {
    const fixed = { ...p, random: () => bytes(input, 'nonce') }
    const body = { ...(input.body as CommitBodyText) }
    return sealCommitBody(fixed, await keysOf(p, input), placeOf(input), {
      ...body,
      rootType: 'page',
      rootKey: fromHex(body.rootKey) ?? new Uint8Array(),
      roots: body.roots.map(utf8),
    })
  },
  'commit-body.open': async (p, input) =>
    openCommitBody(p, await keysOf(p, input), placeOf(input), bytes(input, 'sealed')),
  'token.decode': async (_, input) => decodeToken(text(input, 'text')),
  'setup.decode': async (_, input) => decodeSetup(text(input, 'text')),
  'forget.verify': async (p, input) => verifyForget(p, bytes(input, 'envelope'), await history(p, input)),
  'receipt.verify': async (p, input) => verifyReceipt(p, bytes(input, 'envelope'), await history(p, input)),
  'catalog.verify': async (p, input) =>
    verifyCatalogRows(p, bytes(input, 'envelope'), await history(p, input)),
  async 'retention.verdicts'(_, input) {
    const { snapshots, rule, nowMs } = input as unknown as RetentionInput
    const idOf = (sequence: number) => objectId(new Uint8Array(32).fill(sequence))
    const verdicts = retain(
      snapshots.map(one => ({ ...one, id: idOf(one.sequence) })),
      { ...rule, pinned: new Set(rule.pinned.map(idOf)) },
      nowMs,
    )
    return verdicts.map(({ snapshot, ...verdict }) => ({ sequence: snapshot.sequence, ...verdict }))
  },
  'certificate.decode': async (_, input) => decodeCertificate(bytes(input, 'payload')),
}

/** A snapshot's id is 32 bytes of its sequence. */
interface RetentionInput {
  readonly snapshots: readonly Omit<Retained, 'id'>[]
  readonly rule: Omit<RetentionRule, 'pinned'> & { readonly pinned: readonly number[] }
  readonly nowMs: number
}

interface CommitBodyText {
  readonly rootKey: string
  readonly host: string
  readonly roots: readonly string[]
  readonly unread: readonly { readonly reason: string; readonly entries: number }[]
  readonly agentVersion: string
  readonly label: string
}

/** Returns one line for each case that went otherwise than it must; none when all is well. */
export function runTrustVectors(
  p: Primitives,
  vectors: Readonly<Record<string, VectorFile>>,
): Promise<string[]> {
  return runKnownAnswers(deeds, p, vectors)
}

/** The output of one deed as JSON, or the code with which it refused. */
export function runVector(p: Primitives, deed: string, input: Input): Promise<Result> {
  return runDeed(deeds, p, deed, input)
}

async function context(p: Primitives, input: Input): Promise<OrderContext> {
  const trust = await verifyTrustChain(p, list(input, 'trust'), fleet(input))
  const audience = input.audience === undefined ? {} : { audience: list(input, 'audience') }
  return { trust, nowMs: number(input, 'nowMs'), held: input.held === true, ...audience }
}

async function history(p: Primitives, input: Input) {
  return verifyTrustHistory(p, list(input, 'trust'), fleet(input))
}

function keysOf(p: Primitives, input: Input) {
  return epochKeys(p, bytes(input, 'deviceSecret'), bytes(input, 'borderSecret'), 1)
}

function placeOf(input: Input): { fleet: FleetId; device: DeviceId; sequence: number } {
  return {
    fleet: fleet(input),
    device: deviceId(bytes(input, 'device')),
    sequence: number(input, 'sequence'),
  }
}

function fleet(input: Input): FleetId {
  return fleetId(bytes(input, 'fleet'))
}

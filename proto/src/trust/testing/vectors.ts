/**
 * Runs the known answers in proto/vectors on any set of primitives, in Node or in a browser. A case names a deed, gives
 * its input (bytes as hexadecimal) and either its output or the code with which it must be refused.
 */
import { type Bytes, fromHex, hex, utf8 } from '../../bytes.ts'
import { openWithPassphrase } from '../../content/age.ts'
import { openCommitBody, sealCommitBody } from '../../content/commit-body.ts'
import { checkValue, openEscrow } from '../../content/escrow.ts'
import { epochKeys } from '../../content/keys.ts'
import { isFailure } from '../../failure.ts'
import { type DeviceId, deviceId, type FleetId, fleetId } from '../../object/id.ts'
import type { Primitives } from '../../primitives.ts'
import { decodeCertificate, verifyCertificate } from '../certificate.ts'
import { verifyCommit } from '../commit.ts'
import { decodeEnvelope, type PayloadKind, signEnvelope, signersOf } from '../envelope.ts'
import { decodeEscrow, verifyEscrow } from '../escrow-record.ts'
import {
  type OrderContext,
  verifyGrant,
  verifyJob,
  verifyKeyring,
  verifyPastGrant,
  verifyPolicy,
  verifyProof,
  verifyRevoke,
} from '../orders.ts'
import { DoneJobs } from '../replay.ts'
import { decodeSetup } from '../setup.ts'
import { decodeToken } from '../token.ts'
import { verifyTrustChain, verifyTrustHistory } from '../trust.ts'

export interface VectorCase {
  readonly name: string
  readonly deed: string
  readonly input: Input
  readonly output?: unknown
  /** The code of the failure that must be thrown. */
  readonly failure?: string
}

export interface VectorFile {
  readonly about: string
  /** Long values that cases refer to as "@name". */
  readonly shared: Readonly<Record<string, string>>
  readonly cases: readonly VectorCase[]
}

export type Input = Readonly<Record<string, unknown>>
type Deed = (p: Primitives, input: Input) => Promise<unknown>

const deeds: Readonly<Record<string, Deed>> = {
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
  'revoke.verify': async (p, input) => verifyRevoke(p, bytes(input, 'envelope'), await context(p, input)),
  'keyring.verify': async (p, input) => verifyKeyring(p, bytes(input, 'envelope'), await context(p, input)),
  'proof.verify': async (p, input) => verifyProof(p, bytes(input, 'envelope'), await context(p, input)),
  async 'job.verify'(p, input) {
    const done = new DoneJobs(list(input, 'done').map(id => ({ id: hex(id), expiresAtMs: Number.MAX_VALUE })))
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
  'certificate.decode': async (_, input) => decodeCertificate(bytes(input, 'payload')),
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
export async function runTrustVectors(
  p: Primitives,
  vectors: Readonly<Record<string, VectorFile>>,
): Promise<string[]> {
  const failures: string[] = []
  for (const [file, { cases, shared }] of Object.entries(vectors)) {
    for (const one of cases) {
      const expected = JSON.stringify('failure' in one ? { failure: one.failure } : { output: one.output })
      const got = JSON.stringify(await runVector(p, one.deed, resolve(one.input, shared) as Input))
      if (got !== expected) failures.push(`${file}: ${one.name}: expected ${expected}, got ${got}`)
    }
  }
  return failures
}

/** The output of one deed as JSON, or the code with which it refused. */
export async function runVector(
  p: Primitives,
  deed: string,
  input: Input,
): Promise<{ readonly output: unknown } | { readonly failure: string }> {
  const run = deeds[deed]
  if (run === undefined) throw new RangeError(`no deed is called "${deed}"`)
  try {
    return { output: asJson(await run(p, input)) }
  } catch (error) {
    if (isFailure(error)) return { failure: error.code }
    throw error
  }
}

/** Puts the shared values in the place of their names. */
export function resolve(value: unknown, shared: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return value.startsWith('@') ? shared[value.slice(1)] : value
  if (Array.isArray(value)) return value.map(part => resolve(part, shared))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolve(part, shared)]))
}

function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value)
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(known.map(([name, part]) => [name, asJson(part)]))
}

async function context(p: Primitives, input: Input): Promise<OrderContext> {
  const trust = await verifyTrustChain(p, list(input, 'trust'), fleet(input))
  const audience = input.audience === undefined ? {} : { audience: list(input, 'audience') }
  return { trust, nowMs: number(input, 'nowMs'), held: input.held === true, ...audience }
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

function text(input: Input, name: string): string {
  return String(input[name])
}

function number(input: Input, name: string): number {
  return Number(input[name])
}

function bytes(input: Input, name: string): Bytes {
  const read = fromHex(text(input, name))
  if (read === undefined) throw new TypeError(`input "${name}" is not hexadecimal`)
  return read
}

function list(input: Input, name: string): Bytes[] {
  const values = input[name]
  if (values === undefined) return []
  if (!Array.isArray(values)) throw new TypeError(`input "${name}" is not a list`)
  return values.map(value => bytes({ value }, 'value'))
}

/** An escrow drill: opens what every device escrowed, says which devices could not be recovered, and leaves signed proofs. */
import { recipientOf } from '@backstay/proto/content/age'
import type { Kit } from '@backstay/proto/content/kit'
import { isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { isSealedForKit, kitSince } from '@backstay/proto/trust/kit-since'
import { newOrder } from '@backstay/proto/trust/order'
import { type EscrowWay, signProof } from '@backstay/proto/trust/proof'
import type { AdminLink } from './connecting.ts'
import { deskIdentities } from './desk.ts'
import type { KeyHolder } from './key-holder.ts'
import { checkRow, type ListedDevice } from './known-device.ts'
import { linkRecords, type RecordSource } from './record-source.ts'
import { kitWay, openEscrows, type TriedEscrow, type Unlocking } from './unlock.ts'

/** Somebody with an admin key, in a command or in a page. */
export type Prover = Pick<KeyHolder, 'primitives' | 'history' | 'trust' | 'signingKey' | 'identity'> & {
  readonly link: Pick<AdminLink, 'listDevices' | 'listRecords' | 'putRecord'>
}

/** The desk, and the kit where there is one. Throws `no_keyring`. */
export async function waysOf(
  { link, history, identity }: Prover,
  kit: Kit | undefined,
): Promise<Unlocking[]> {
  const identities = await deskIdentities(linkRecords(link), history, identity)
  const desk = { way: 'desk', identities } as const
  return kit === undefined ? [desk] : [desk, kitWay(kit)]
}

export interface DrillResult {
  readonly name: string
  readonly device: DeviceId | undefined
  readonly revoked: boolean
  readonly recoverable: boolean
  /** Ways in which all needed epochs opened. */
  readonly ways: readonly (EscrowWay | 'kit of before')[]
  /** Why not, one sentence each. */
  readonly problems: readonly string[]
  /** Said of a device that is recoverable in spite of it. */
  readonly notes: readonly string[]
}

/**
 * Drills one device after another; at least one way must be given. With a kit that was replaced it shows what that one opens, and
 * leaves no proof: nobody shall rely on it.
 */
export async function* drill(
  session: Prover,
  records: RecordSource,
  ways: readonly Unlocking[],
  nowMs: number,
): AsyncIterable<DrillResult> {
  for await (const row of session.link.listDevices()) {
    const listed = await checkRow(session.primitives, session.history, row)
    yield listed.state === 'verified'
      ? drillDevice(session, records, listed, ways, nowMs)
      : notADevice(listed)
  }
}

async function drillDevice(
  session: Prover,
  records: RecordSource,
  listed: Extract<ListedDevice, { state: 'verified' }>,
  ways: readonly Unlocking[],
  nowMs: number,
): Promise<DrillResult> {
  const { primitives: p } = session
  const { device, name } = listed.certificate
  const opened: DrillResult['ways'][number][] = []
  const problems: string[] = []
  const notes: string[] = []
  const since = kitSince(session.history)
  for (const unlocking of ways) {
    const { tried, secrets } = await openEscrows(p, records, listed.certificate, unlocking)
    const found = problemsOf(tried, secrets, listed.head?.epoch)
    if (unlocking.way === 'kit' && !(await isKitOfToday(session, unlocking))) {
      if (found.length === 0) opened.push('kit of before')
      else notes.push('the kit of before opens it no more: its keys are sealed for the new one')
      continue
    }
    await uploadProofs(session, device, tried, nowMs)
    const isWaiting = unlocking.way === 'kit' && tried.length > 0 && !tried.some(isSealedSince(since))
    if (isWaiting) notes.push('not under the new kit yet: it seals its keys when it connects next')
    else if (found.length === 0) opened.push(unlocking.way)
    else problems.push(...found.map(problem => `${unlocking.way}: ${problem}`))
  }
  const recoverable = problems.length === 0
  return { name, device, revoked: listed.row.revoked, recoverable, ways: opened, problems, notes }
}

const isSealedSince = (since: number) => (one: TriedEscrow) => isSealedForKit(one, since)

async function isKitOfToday({ trust }: Prover, { identities }: Unlocking): Promise<boolean> {
  const recipients = await Promise.all(identities.map(recipientOf))
  return recipients.includes(trust.document.kitRecipient)
}

/** Every epoch that has an escrow must open, and the newest snapshot's epoch must have one. */
function problemsOf(
  tried: readonly TriedEscrow[],
  secrets: ReadonlyMap<number, unknown>,
  epoch: number | undefined,
): string[] {
  if (tried.length === 0) return ['no escrow: its keys are nowhere but on the device']
  const problems: string[] = []
  for (const { epoch, failure } of tried) {
    if (failure !== undefined && !secrets.has(epoch))
      problems.push(`epoch ${epoch} does not open: ${failure.message}`)
  }
  if (epoch !== undefined && !tried.some(one => one.epoch === epoch)) {
    problems.push(`no escrow of epoch ${epoch}, which its newest snapshot needs`)
  }
  return problems
}

async function uploadProofs(
  session: Prover,
  device: DeviceId,
  tried: readonly TriedEscrow[],
  nowMs: number,
): Promise<void> {
  const { primitives: p, trust, signingKey, link } = session
  for (const { epoch, id, way, failure } of tried) {
    const opened = failure === undefined
    const proof = { order: newOrder(p, trust, nowMs), device, epoch, escrowId: id, way, opened }
    await link.putRecord(await signProof(p, proof, signingKey))
  }
}

function notADevice(listed: Extract<ListedDevice, { state: 'unverified' }>): DrillResult {
  const why = isFailure(listed.failure) ? listed.failure.message : 'it cannot be verified'
  return {
    name: '(unverified)',
    device: undefined,
    revoked: listed.row.revoked,
    recoverable: false,
    ways: [],
    problems: [`no admin let it in: ${why}`],
    notes: [],
  }
}

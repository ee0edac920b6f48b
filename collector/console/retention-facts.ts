/**
 * What decides about a device's snapshots, checked signature by signature: commits by the device, policies, groups and holds
 * by admins, times of receipt by the collector. So an admin sees what the collector must do, not what it says.
 */
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { decodeWhole } from '@backstay/proto/object/header'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { type EraseFact, isErased } from '@backstay/proto/policy/erasures'
import { type HoldFact, holdingOf } from '@backstay/proto/policy/holds'
import { type Retained, type RetentionRule, retain, type Verdict } from '@backstay/proto/policy/retention'
import { type StandingOrder, standingKinds } from '@backstay/proto/policy/standing'
import { type Era, wishesOf } from '@backstay/proto/policy/wishes'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { verifyForget, verifyReceipt } from '@backstay/proto/trust/collector-word'
import { verifyCommit } from '@backstay/proto/trust/commit'
import { pastErase, pastHold } from '@backstay/proto/trust/past-words'
import { type HeldOrder, recentEras } from '@backstay/proto/trust/recent-eras'
import type { AdminSession } from './admin.ts'
import type { AdminLink, DeviceLister } from './connecting.ts'
import { isRetired } from './known-device.ts'

export interface RetentionFacts {
  /** Oldest first. */
  readonly verdicts: readonly Verdict[]
  /** Snapshots that count no longer, and since when by the retention clock. */
  readonly forgotten: readonly { readonly count: number; readonly clockMs: number }[]
  /** What the collector's retention clock showed last by its own signed word; undefined: it has said nothing yet. */
  readonly clockMs: number | undefined
}

/** What the rule goes by, whatever a policy wishes. */
export interface RetentionGround extends Omit<RetentionFacts, 'verdicts'> {
  readonly snapshots: readonly Retained[]
  readonly rule: Omit<RetentionRule, 'wishes'>
}

/** An admin's session, or a key holder in a page. */
export type RetentionReader = Pick<AdminSession, 'primitives' | 'history' | 'trust'> & {
  readonly link: DeviceLister & Pick<AdminLink, 'listRecords' | 'listSnapshots'>
}

export async function retentionFacts(
  session: RetentionReader,
  certificate: Certificate,
  nowMs: number,
): Promise<RetentionFacts> {
  const { device, grantId } = certificate
  const { snapshots, rule, forgotten, clockMs } = await retentionGround(session, certificate, nowMs)
  const wishes = wishesOf(await eras(session, nowMs), { device, grantId }, nowMs)
  return { verdicts: retain(snapshots, { ...rule, wishes }, nowMs), forgotten, clockMs }
}

export async function retentionGround(
  session: RetentionReader,
  certificate: Certificate,
  nowMs: number,
): Promise<RetentionGround> {
  const { device } = certificate
  const times = new Map<ObjectId, number>()
  let clockMs: number | undefined
  for await (const { envelope } of session.link.listRecords('receipt', device)) {
    const receipt = await checked(() => verifyReceipt(session.primitives, envelope, session.history))
    if (receipt === undefined) continue
    clockMs = Math.max(clockMs ?? 0, receipt.clockMs)
    for (const one of receipt.received) times.set(one.snapshot, one.clockMs)
  }
  const forgotten: { count: number; clockMs: number }[] = []
  for await (const { envelope } of session.link.listRecords('forget', device)) {
    const forget = await checked(() => verifyForget(session.primitives, envelope, session.history))
    if (forget === undefined) continue
    forgotten.push({ count: forget.snapshots.length, clockMs: forget.clockMs })
    clockMs = Math.max(clockMs ?? 0, forget.clockMs)
  }
  const rule = {
    minimumAgeDays: session.trust.document.flags.retentionMinDays,
    ...holdingOf(await holds(session), device, nowMs),
    erased: (await isRetired(session, device)) && isErased(await erasureFacts(session), device, nowMs),
  }
  return { snapshots: await retained(session, certificate, times), rule, forgotten, clockMs }
}

async function retained(
  { link, primitives }: RetentionReader,
  { device, deviceKey }: Certificate,
  times: ReadonlyMap<ObjectId, number>,
): Promise<Retained[]> {
  const found: Retained[] = []
  for await (const { id, stored, receivedAtMs } of link.listSnapshots(device)) {
    const commit = await checked(() => verifyCommit(primitives, decodeWhole(stored).body, deviceKey))
    if (commit === undefined) continue
    const { sequence, complete } = commit
    found.push({ id, sequence, complete, heldSinceMs: times.get(id) ?? receivedAtMs })
  }
  return found
}

async function eras({ link, primitives, history }: RetentionReader, nowMs: number): Promise<Era[]> {
  const held = async (kind: 'trust' | StandingOrder['kind']): Promise<HeldOrder[]> => {
    const found = await Array.fromAsync(link.listRecords(kind))
    return found.map(({ envelope, receivedAtMs }) => ({ envelope, heldSinceMs: receivedAtMs }))
  }
  const documents = await held('trust')
  const trusts = history.map(trust => ({
    trust,
    heldSinceMs: documents.find(one => equalBytes(one.envelope, trust.envelope))?.heldSinceMs ?? 0,
  }))
  const orders = (await Promise.all(standingKinds.map(held))).flat()
  return recentEras(primitives, trusts, orders, nowMs)
}

export async function holds({ link, primitives, history }: RetentionReader): Promise<HoldFact[]> {
  const facts: HoldFact[] = []
  for await (const { envelope, receivedAtMs } of link.listRecords('hold')) {
    const found = await pastHold(primitives, envelope, history)
    if (found !== undefined) facts.push({ hold: found.word, owners: found.owners, heldSinceMs: receivedAtMs })
  }
  return facts
}

/** With what was signed. */
export async function erasures({
  link,
  primitives,
  history,
}: RetentionReader): Promise<{ readonly envelope: Bytes; readonly fact: EraseFact }[]> {
  const facts: { envelope: Bytes; fact: EraseFact }[] = []
  for await (const { envelope, receivedAtMs } of link.listRecords('erase')) {
    const found = await pastErase(primitives, envelope, history)
    if (found === undefined) continue
    facts.push({ envelope, fact: { erase: found.word, owners: found.owners, heldSinceMs: receivedAtMs } })
  }
  return facts
}

/** Of these devices, those that owners let go of, when no hold keeps them. */
export async function erasedAmong(
  session: RetentionReader,
  devices: Iterable<DeviceId>,
  nowMs: number,
): Promise<ReadonlySet<DeviceId>> {
  const facts = await erasureFacts(session)
  const named = [...new Set(devices)].filter(device => isErased(facts, device, nowMs))
  const held = named.length === 0 ? [] : await holds(session)
  const found = new Set<DeviceId>()
  for (const device of named)
    if (!holdingOf(held, device, nowMs).held && (await isRetired(session, device))) found.add(device)
  return found
}

async function erasureFacts(session: RetentionReader): Promise<EraseFact[]> {
  return (await erasures(session)).map(({ fact }) => fact)
}

/** What does not verify decides nothing. */
async function checked<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

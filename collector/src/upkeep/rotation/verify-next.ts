/** One step of the rotation: the pack that waits longest is read, and what is damaged in it counts as missing. */
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { allPacks, type PackRow } from '../../catalog/packs.ts'
import { markUnread, markVerified, nextToVerify } from '../../catalog/rotation.ts'
import { reconcileRows } from '../reconcile.ts'
import type { RetentionClock } from '../retention-clock.ts'
import { type Finding, noteMissingPack, type ScrubOptions } from '../scrub.ts'
import { scrubOne } from '../scrub-one.ts'
import { bringBack } from './bring-back.ts'
import { dueBefore } from './rule.ts'

export interface VerifyOptions extends ScrubOptions {
  readonly retention: Pick<RetentionClock, 'now'>
  /** Within which every byte is to be read again. */
  readonly periodMs: number
}

export interface Verified {
  readonly name: string
  readonly bytes: number
  readonly findings: readonly Finding[]
  /** Objects that were thought lost and are whole. */
  readonly takenBack: number
  /** Devices of which older commits became complete. */
  readonly completed: readonly DeviceId[]
  /** The disk failed; the pack is tried again later. */
  readonly unread: boolean
}

/** A cable or a controller has time to be itself again. */
export const retryMs = 3_600_000
/** Nobody needs to hear of it more often. */
const givenUpMs = 24 * retryMs
/** So often the disk may fail before its fault counts as the objects'. */
export const failedReadsMax = 3
/** Of one pack, for the log. */
const findingsMax = 1000

/**
 * Undefined when nothing is due. Beside it nothing may move or delete packs (`Vault.inTurn`). Throws `packs_gone` when
 * the disk with the packs is.
 */
export async function verifyNext(options: VerifyOptions): Promise<Verified | undefined> {
  const { sql, vault, store, retention, periodMs } = options
  const nowMs = retention.now()
  const pack = await nextToVerify(sql, vault, {
    before: dueBefore(nowMs, periodMs),
    triedBefore: nowMs - retryMs,
    givenUpBefore: nowMs - givenUpMs,
    failedReadsMax,
  })
  if (pack === undefined) return undefined
  const bytes = await store.size(pack.name)
  return bytes === undefined ? missing(options, pack) : verify(options, { ...pack, bytes })
}

async function verify(
  options: VerifyOptions,
  pack: PackRow & { readonly failedReads: number },
): Promise<Verified> {
  const { sql, vault, retention } = options
  const { name, bytes } = pack
  const findings: Finding[] = []
  const report = (finding: Finding) => {
    if (findings.length < findingsMax) findings.push(finding)
  }
  if (pack.state === 'unread') {
    const back = await bringBack(options, pack)
    if (back === undefined) await markUnread(sql, vault, name, retention.now())
    const unread = back === undefined
    return { name, bytes, findings, takenBack: back?.objects ?? 0, completed: back?.devices ?? [], unread }
  }
  const isLast = pack.failedReads + 1 >= failedReadsMax
  const found = await scrubOne(options, pack, { report, onBadSectors: isLast ? 'note' : 'wait' })
  const unread = found.badSectors === undefined || (found.badSectors > 0 && !isLast)
  if (unread) await markUnread(sql, vault, name, retention.now())
  else {
    if (found.hasFlaws) await reconcileRows(options, pack, report)
    await markVerified(sql, vault, name, retention.now())
  }
  return { name, bytes, findings, takenBack: found.takenBack, completed: [], unread }
}

/** When no other pack is there either, it is the disk that is gone. */
async function missing(options: VerifyOptions, pack: PackRow): Promise<Verified> {
  const { sql, vault, store } = options
  let known = 0
  for await (const row of allPacks(sql, vault)) {
    if (row.pack === pack.pack || (row.state !== 'sealed' && row.state !== 'open')) continue
    known++
    if ((await store.size(row.name)) === undefined) continue
    await noteMissingPack(options, pack)
    const finding: Finding = { kind: 'pack', pack: pack.name, why: 'it is gone', offset: 0 }
    return { name: pack.name, bytes: 0, findings: [finding], takenBack: 0, completed: [], unread: false }
  }
  throw new Failure('packs_gone', `none of the ${known + 1} packs that the catalog names is there`, {
    remedy: 'repair',
    hint: 'is the disk with the packs mounted?',
  })
}

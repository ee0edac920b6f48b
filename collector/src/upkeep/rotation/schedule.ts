/**
 * The long-lived part that reads every stored byte again within a number of days. It takes one pack at a time, in turn
 * with collections, rests between them, and keeps still while backups press. How far it came stands in the catalog, pack
 * by pack, so that a stop costs nothing.
 */
import type { Clock } from '@backstay/proto/clock'
import { damageMark } from '../../catalog/damage.ts'
import { readPosition, savePosition } from '../../catalog/positions.ts'
import { rotationFigures } from '../../catalog/rotation.ts'
import { fleetOfVault } from '../../catalog/vaults.ts'
import type { Log } from '../../log.ts'
import { healRecords } from '../heal-records.ts'
import type { Vault } from '../open-vault.ts'
import type { ScrubOptions } from '../scrub.ts'
import { touchedSnapshots } from '../touched.ts'
import { bytesPerSecondMax, isLate, restMs } from './rule.ts'
import { savePeriod } from './status.ts'
import { type Verified, verifyNext } from './verify-next.ts'

export interface RotationOptions extends Pick<ScrubOptions, 'p' | 'store' | 'sql' | 'vault'> {
  readonly opened: Pick<Vault, 'ingest' | 'retention' | 'inTurn'>
  readonly clock: Clock
  /** Within which every byte is read again; 0: never. */
  readonly periodMs: number
  readonly log: Log
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** After a start devices come back and everybody is busy. */
const firstAfterMs = minuteMs
/** More than commits and heartbeats have under way, less than a backup that sends files. */
const pressingBytes = 1024 * 1024
const pressedMs = 5000
/** Then something is due again, or not. */
const idleMs = 10 * minuteMs
const searchedFor = 'damage searched for'

export function rotationSchedule(options: RotationOptions) {
  const { sql, vault, clock, log, periodMs } = options
  return {
    name: 'rotation',
    async run(signal: AbortSignal): Promise<void> {
      await savePeriod(sql, vault, periodMs).catch(error => log.warn({ error }, 'rotation not noted'))
      if (periodMs === 0) return
      await clock.sleep(firstAfterMs, signal)
      let tellAtMs = clock.monotonic()
      for (;;) {
        const rest = await step(options, signal).catch(error => {
          signal.throwIfAborted()
          log.error({ error }, 'reading again failed; it is tried again in an hour')
          return hourMs
        })
        const nextMs = clock.monotonic() + rest
        do {
          if (clock.monotonic() >= tellAtMs) {
            tellAtMs = clock.monotonic() + dayMs
            await tell(options).catch(error =>
              log.warn({ error }, 'the age of unread bytes is not known now'),
            )
          }
          await clock.sleep(Math.max(0, Math.min(nextMs, tellAtMs) - clock.monotonic()), signal)
        } while (clock.monotonic() < nextMs)
      }
    },
  }
}

/** Milliseconds to rest. */
async function step(options: RotationOptions, signal: AbortSignal): Promise<number> {
  const { opened, clock, sql, vault, periodMs, log } = options
  const { ingest, retention } = opened
  const { bytes: storedBytes, oldestMs, unreadPacks } = await rotationFigures(sql, vault, retention.begunMs)
  const isOverdue = oldestMs !== undefined && retention.now() - oldestMs > periodMs
  if (ingest.bytesInFlight >= pressingBytes && !isOverdue) return pressedMs
  await ingest.sealOld()
  let tookMs = 0
  const verified = await opened.inTurn(async () => {
    const begunMs = clock.monotonic()
    const one = await verifyNext({ ...options, retention, periodMs, signal })
    tookMs = clock.monotonic() - begunMs
    return one
  })
  if (verified !== undefined) await report(options, verified)
  await searchDamaged(options, signal)
  if (verified === undefined) return idleMs
  log.debug({ pack: verified.name, bytes: verified.bytes, ms: tookMs }, 'pack read again')
  const rest = restMs({ bytes: verified.bytes, tookMs }, { storedBytes, periodMs })
  // Snapshots wait for what lies in it; only a small vault rests as long as that.
  return unreadPacks > 0 ? Math.min(rest, hourMs) : rest
}

async function report({ opened, sql, vault, log }: RotationOptions, verified: Verified): Promise<void> {
  const { name: pack, findings, takenBack, completed, unread } = verified
  opened.ingest.forgetHeads(completed)
  if (unread) log.error({ pack }, 'the disk failed while a pack was read; check it')
  if (takenBack > 0) log.info({ pack, objects: takenBack }, 'objects turned out whole and were taken back')
  if (findings.length === 0) return
  const objects = findings.filter(finding => finding.kind === 'object').length
  const [first] = findings.flatMap(finding => (finding.kind === 'pack' ? [finding.why] : []))
  const facts = { pack, objects, ...(first !== undefined && { why: first }) }
  log.error(facts, 'stored bytes are damaged; see: backstay-collector scrub --status')
  await healRecords(sql, vault, opened.ingest)
}

/** When something was damaged or healed since the last time: which snapshots need it. */
async function searchDamaged(options: RotationOptions, signal: AbortSignal): Promise<void> {
  const { opened, sql, vault, clock, log } = options
  const mark = await damageMark(sql, vault)
  if ((await readPosition(sql, vault, searchedFor)) === mark) return
  const fleet = await fleetOfVault(sql, vault)
  if (fleet === undefined) return
  const turn = opened.inTurn
  const snapshots = await touchedSnapshots(
    { ...options, clock, turn, bytesPerSecond: bytesPerSecondMax, signal },
    fleet,
  )
  await savePosition(sql, vault, searchedFor, mark)
  if (snapshots.length > 0) {
    log.error(
      { snapshots: snapshots.length },
      'snapshots need what is damaged; see: backstay-collector scrub --status',
    )
  }
}

async function tell({ opened, sql, vault, log, periodMs }: RotationOptions): Promise<void> {
  const { retention } = opened
  const { packs, bytes, oldestMs, unknownPacks } = await rotationFigures(sql, vault, retention.begunMs)
  const ageMs = oldestMs === undefined ? 0 : Math.max(0, retention.now() - oldestMs)
  const facts = {
    packs,
    bytes,
    unknownPacks,
    oldestDays: Math.floor(ageMs / dayMs),
    scrubDays: periodMs / dayMs,
  }
  log.info(facts, 'age of the oldest unread byte')
  if (isLate(ageMs, periodMs))
    log.error(facts, 'stored bytes were not read again in time: the disk is too slow, or too busy')
}

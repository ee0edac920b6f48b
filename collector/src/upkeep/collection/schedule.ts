/**
 * The long-lived part that remembers the retention clock, keeps rows of the catalog in the packs once a day, and lets a
 * collection run once in a while.
 */
import type { Clock } from '@backstay/proto/clock'
import { isFailure } from '@backstay/proto/failure'
import { savePosition } from '../../catalog/positions.ts'
import type { Log } from '../../log.ts'
import { keepRowsDaily } from '../keep-rows.ts'
import type { Vault } from '../open-vault.ts'
import { type CollectionOptions, type CollectionReport, collect } from './collection.ts'

export interface ScheduleOptions extends Omit<CollectionOptions, 'ingest' | 'retention' | 'clock'> {
  readonly opened: Pick<Vault, 'ingest' | 'retention' | 'inTurn'>
  readonly clock: Clock
  /** 0: never. */
  readonly collectEveryMs: number
  readonly log: Log
}

/** When the last one ended, for people. */
export const collectedPosition = 'collected'
/** A crash takes at most so much from the retention clock beyond what the stop itself took. */
const saveEveryMs = 60_000
/** After a start devices come back and everybody is busy. */
const firstAfterMs = 15 * 60_000

export function collectionSchedule(options: ScheduleOptions) {
  const { opened, clock, log, collectEveryMs } = options
  return {
    name: 'collection',
    async run(signal: AbortSignal): Promise<void> {
      const begunMs = clock.monotonic()
      let nextMs = begunMs + Math.min(firstAfterMs, collectEveryMs)
      for (;;) {
        await clock.sleep(saveEveryMs, signal)
        await opened.retention.save().catch(error => log.warn({ error }, 'retention clock not saved'))
        await keep(options)
        if (collectEveryMs === 0 || clock.monotonic() < nextMs) continue
        await runOnce(options, signal)
        nextMs = clock.monotonic() + collectEveryMs
      }
    },
  }
}

/** A full disk is told by others; it is tried again in a minute. */
async function keep({ opened, log, ...options }: ScheduleOptions): Promise<void> {
  try {
    if (await keepRowsDaily({ ...options, ...opened })) log.debug({}, 'rows of the catalog kept in the packs')
  } catch (error) {
    if (!isFailure(error, 'store_full')) log.warn({ error }, 'rows of the catalog not kept in the packs')
  }
}

async function runOnce(options: ScheduleOptions, signal: AbortSignal): Promise<void> {
  const { opened, log } = options
  const { ingest, retention } = opened
  try {
    tell(log, await opened.inTurn(() => collect({ ...options, ingest, retention, signal })))
    await savePosition(options.sql, options.vault, collectedPosition, String(options.clock.now()))
  } catch (error) {
    if (signal.aborted) return
    log.error({ error }, 'collection failed; it is tried again at its next time')
  }
}

function tell(log: Log, report: CollectionReport): void {
  const { blocked, haltedUntilMs, ...facts } = report
  log.info({ ...facts, blocked: blocked.length }, 'collection done')
  if (haltedUntilMs !== undefined)
    log.error({ haltedUntilMs }, 'the clock jumped: nothing is deleted; check it')
  for (const one of blocked)
    log.warn({ ...one }, 'nothing of a device is collected while objects are damaged; run a backup on it')
}

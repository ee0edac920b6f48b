/** What the service remembers over a restart: when it last protected, a pause, how its roots looked. Lost, it is made anew. */
import { join } from 'node:path'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { durableFiles } from '../keys/durable-file.ts'
import type { SmallFiles } from '../keys/small-files.ts'
import { type AfarPause, afarPausesMax } from './afar-pauses.ts'
import type { Coverage } from './coverage.ts'
import { flagMs, type RootFlag, type RootMemory, type RootTrouble, type Stood } from './root-guard.ts'

export interface ServiceRecord {
  readonly lastStartedMs: number | undefined
  readonly lastCompleteMs: number | undefined
  readonly pausedUntilMs: number | undefined
  readonly pausedSinceMs: number | undefined
  /** The admin who paused it from afar; undefined: somebody here did. */
  readonly pausedBy: string | undefined
  /** What admins paused, of the last days. */
  readonly afarPauses: readonly AfarPause[]
  /** Since when something waits for a backup; undefined: nothing did. */
  readonly leftSinceMs: number | undefined
  /** Files not read in the newest snapshot, by reason. */
  readonly unread: ReadonlyMap<string, Unread>
  /** By path, one character a byte. */
  readonly roots: ReadonlyMap<string, RootMemory>
  readonly coverage: Coverage | undefined
}

export interface Unread {
  readonly count: number
  /** When there were some for this reason first, without a pause. */
  readonly sinceMs: number
}

export const emptyRecord: ServiceRecord = {
  lastStartedMs: undefined,
  lastCompleteMs: undefined,
  pausedUntilMs: undefined,
  pausedSinceMs: undefined,
  pausedBy: undefined,
  afarPauses: [],
  leftSinceMs: undefined,
  unread: new Map(),
  roots: new Map(),
  coverage: undefined,
}

/** `counts`: of the newest snapshot. */
export function unreadSince(
  before: ReadonlyMap<string, Unread>,
  counts: ReadonlyMap<string, number>,
  nowMs: number,
): ReadonlyMap<string, Unread> {
  const sinceOf = (reason: string) => before.get(reason)?.sinceMs ?? nowMs
  return new Map([...counts].map(([reason, count]) => [reason, { count, sinceMs: sinceOf(reason) }]))
}

/** Roots that were there, unless they are gone for longer than anybody flags them. */
export function rememberedRoots({ roots }: ServiceRecord): ReadonlySet<string> {
  const held = [...roots].filter(([, { flag }]) => flag?.why !== 'missing' || flag.heldMs < flagMs)
  return new Set(held.map(([path]) => path))
}

type Times = Pick<
  ServiceRecord,
  'lastStartedMs' | 'lastCompleteMs' | 'pausedUntilMs' | 'pausedSinceMs' | 'pausedBy' | 'leftSinceMs'
>

/**
 * What was written while the clock ran ahead must hold up nothing now: a run that lies ahead is not known to have been,
 * and a pause that begins ahead is over.
 */
export function soundTimes(times: Times, nowMs: number): Times {
  const { lastStartedMs = 0, lastCompleteMs, pausedUntilMs, pausedSinceMs = 0, leftSinceMs } = times
  const isPause = pausedSinceMs <= nowMs
  const notAhead = (ms: number | undefined) => (ms === undefined ? undefined : Math.min(ms, nowMs))
  return {
    lastStartedMs: lastStartedMs <= nowMs ? times.lastStartedMs : undefined,
    // There was one; a device that protected before must not look as if it never had.
    lastCompleteMs: notAhead(lastCompleteMs),
    pausedUntilMs: isPause ? pausedUntilMs : undefined,
    pausedSinceMs: isPause ? times.pausedSinceMs : undefined,
    pausedBy: isPause ? times.pausedBy : undefined,
    leftSinceMs: notAhead(leftSinceMs),
  }
}

/** 256 roots of 32 KiB. */
const recordBytesMax = 16 * 1024 * 1024
const troubles: readonly RootTrouble[] = ['hung', 'missing', 'unmounted', 'emptied', 'shrunk']

const placeOf = (state: string) => join(state, 'service.json')

export async function writeRecord(
  state: string,
  record: ServiceRecord,
  files: SmallFiles = durableFiles,
): Promise<void> {
  const { roots, unread, ...rest } = record
  const maps = { roots: Object.fromEntries(roots), unread: Object.fromEntries(unread) }
  await files.write(placeOf(state), utf8(`${JSON.stringify({ ...rest, ...maps })}\n`))
}

/** What is damaged counts as unknown: the first scan of a start reads everything anyway. */
export async function readRecord(state: string, files: SmallFiles = durableFiles): Promise<ServiceRecord> {
  try {
    const bytes = await files.read(placeOf(state), recordBytesMax)
    return bytes === undefined ? emptyRecord : parse(JSON.parse(fromUtf8(bytes)))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || isFailure(error)) return emptyRecord
    throw error
  }
}

function parse(said: unknown): ServiceRecord {
  const fields = objectOf(said)
  return {
    lastStartedMs: time(fields.lastStartedMs),
    lastCompleteMs: time(fields.lastCompleteMs),
    pausedUntilMs: time(fields.pausedUntilMs),
    pausedSinceMs: time(fields.pausedSinceMs),
    pausedBy: typeof fields.pausedBy === 'string' ? fields.pausedBy : undefined,
    afarPauses: parseAfarPauses(fields.afarPauses),
    leftSinceMs: time(fields.leftSinceMs),
    unread: new Map(
      Object.entries(objectOf(fields.unread)).flatMap(([reason, one]) => parseUnread(reason, objectOf(one))),
    ),
    roots: new Map(
      Object.entries(objectOf(fields.roots)).flatMap(([path, root]) => parseRoot(path, objectOf(root))),
    ),
    coverage: parseCoverage(objectOf(fields.coverage)),
  }
}

function parseAfarPauses(said: unknown): readonly AfarPause[] {
  if (!Array.isArray(said)) return []
  return said.slice(-afarPausesMax).flatMap(one => {
    const fields = objectOf(one)
    const [sinceMs, untilMs] = [time(fields.sinceMs), time(fields.untilMs)]
    return sinceMs === undefined || untilMs === undefined ? [] : [{ sinceMs, untilMs }]
  })
}

function parseRoot(path: string, { device, names, flag }: Record<string, unknown>): [string, RootMemory][] {
  const count = time(names)
  if (typeof device !== 'string' || count === undefined) return []
  return [[path, { device, names: count, flag: parseFlag(objectOf(flag)) }]]
}

function parseUnread(reason: string, { count, sinceMs }: Record<string, unknown>): [string, Unread][] {
  const [files, since] = [time(count), time(sinceMs)]
  return files === undefined || since === undefined ? [] : [[reason, { count: files, sinceMs: since }]]
}

function parseFlag(fields: Record<string, unknown>): RootFlag | undefined {
  const trouble = troubles.find(one => one === fields.why)
  const [stood, before] = [parseStood(fields), time(fields.namesBefore)]
  if (trouble === undefined || stood === undefined || before === undefined) return undefined
  return { why: trouble, ...stood, namesBefore: before }
}

function parseStood({ sinceMs, heldMs, seenMs }: Record<string, unknown>): Stood | undefined {
  const since = time(sinceMs)
  return since === undefined
    ? undefined
    : { sinceMs: since, heldMs: time(heldMs) ?? 0, seenMs: time(seenMs) ?? since }
}

function parseCoverage({ scope, entries, drop }: Record<string, unknown>): Coverage | undefined {
  const count = time(entries)
  if (typeof scope !== 'string' || count === undefined) return undefined
  const [stood, before] = [parseStood(objectOf(drop)), time(objectOf(drop).entriesBefore)]
  const dropped =
    stood === undefined || before === undefined ? undefined : { ...stood, entriesBefore: before }
  return { scope, entries: count, drop: dropped }
}

function objectOf(said: unknown): Record<string, unknown> {
  return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {}
}

const time = (said: unknown): number | undefined =>
  typeof said === 'number' && Number.isSafeInteger(said) && said >= 0 ? said : undefined

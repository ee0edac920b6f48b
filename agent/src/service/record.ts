/** What the service remembers over a restart: when it last protected, a pause, how its roots looked. Lost, it is made anew. */
import { join } from 'node:path'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { durableFiles } from '../keys/durable-file.ts'
import type { SmallFiles } from '../keys/small-files.ts'
import type { Coverage } from './coverage.ts'
import { flagMs, type RootFlag, type RootMemory, type RootTrouble } from './root-guard.ts'

export interface ServiceRecord {
  readonly lastStartedMs: number | undefined
  readonly lastCompleteMs: number | undefined
  readonly pausedUntilMs: number | undefined
  readonly pausedSinceMs: number | undefined
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
  unread: new Map(),
  roots: new Map(),
  coverage: undefined,
}

/** Roots that were there, unless they are gone for longer than anybody flags them. */
export function rememberedRoots({ roots }: ServiceRecord, nowMs: number): ReadonlySet<string> {
  const held = [...roots].filter(([, { flag }]) => flag?.why !== 'missing' || nowMs - flag.sinceMs < flagMs)
  return new Set(held.map(([path]) => path))
}

/** 256 roots of 32 KiB. */
const recordBytesMax = 16 * 1024 * 1024
const troubles: readonly RootTrouble[] = ['missing', 'unmounted', 'emptied', 'shrunk']

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
    unread: new Map(
      Object.entries(objectOf(fields.unread)).flatMap(([reason, one]) => parseUnread(reason, objectOf(one))),
    ),
    roots: new Map(
      Object.entries(objectOf(fields.roots)).flatMap(([path, root]) => parseRoot(path, objectOf(root))),
    ),
    coverage: parseCoverage(objectOf(fields.coverage)),
  }
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

function parseFlag({ why, sinceMs, namesBefore }: Record<string, unknown>): RootFlag | undefined {
  const trouble = troubles.find(one => one === why)
  const [since, before] = [time(sinceMs), time(namesBefore)]
  if (trouble === undefined || since === undefined || before === undefined) return undefined
  return { why: trouble, sinceMs: since, namesBefore: before }
}

function parseCoverage({ scope, entries, drop }: Record<string, unknown>): Coverage | undefined {
  const count = time(entries)
  if (typeof scope !== 'string' || count === undefined) return undefined
  const { sinceMs, entriesBefore } = objectOf(drop)
  const [since, before] = [time(sinceMs), time(entriesBefore)]
  const dropped =
    since === undefined || before === undefined ? undefined : { sinceMs: since, entriesBefore: before }
  return { scope, entries: count, drop: dropped }
}

function objectOf(said: unknown): Record<string, unknown> {
  return typeof said === 'object' && said !== null ? (said as Record<string, unknown>) : {}
}

const time = (said: unknown): number | undefined =>
  typeof said === 'number' && Number.isSafeInteger(said) && said >= 0 ? said : undefined

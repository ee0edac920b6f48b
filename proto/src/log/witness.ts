/**
 * What a witness makes of the log that a collector shows: agents and consoles each remember the last state that they saw, and
 * the collector must prove that today's grew out of it. Nobody who holds the collector can rewrite the past without some
 * witness seeing it. A fork never stops protection: it is told, remembered, and the new line is followed, so that a
 * collector that was put back from a copy is explained and not mistrusted for ever.
 */
import { type Bytes, equalBytes } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import type { FleetId } from '../object/id.ts'
import type { Primitives } from '../primitives.ts'
import { type Checkpoint, decodeCheckpoint, originOf, verifyCheckpoint } from './checkpoint.ts'
import { grewFrom } from './proof.ts'

/**
 * log_rolled_back: it is shorter than it was. log_rewritten: what was in it is not what was. log_withheld: no word about it,
 * or none that its key signed.
 */
export const forkKinds = ['log_rolled_back', 'log_rewritten', 'log_withheld'] as const
export type ForkKind = (typeof forkKinds)[number]

/** What is remembered, durably. */
export interface WitnessedLog {
  /** The newest that was shown, whole with its signature: evidence. */
  readonly checkpoint: Bytes
  readonly fork: LogFork | undefined
}

export interface LogFork {
  readonly kind: ForkKind
  /** The checkpoint that the collector could not continue. */
  readonly before: Bytes
  /** First of a row without a quiet time. */
  readonly sinceMs: number
  readonly lastMs: number
}

/** What a collector says of its log in a Welcome. */
export interface ShownLog {
  readonly checkpoint: Bytes
  /** From the checkpoint in Hello. */
  readonly proof: readonly Bytes[]
}

/** So long a fork is told after it was seen last: nobody who comes back from a holiday misses it. */
export const forkToldMs = 30 * 86_400_000

export interface WitnessContext {
  readonly fleet: FleetId
  /** Of the collector that proved itself in this connection. */
  readonly collectorKey: Bytes
  readonly nowMs: number
}

/** `held`: what the Hello showed. Undefined: there was never a log and there is none. Never throws for what is shown. */
export async function witness(
  p: Primitives,
  held: WitnessedLog | undefined,
  shown: ShownLog | undefined,
  { fleet, collectorKey, nowMs }: WitnessContext,
): Promise<WitnessedLog | undefined> {
  const origin = await originOf(p, fleet, collectorKey)
  // Owners named another collector: its log is another one, and nothing of the old one binds it.
  const before = held && decodeCheckpoint(held.checkpoint).origin === origin ? held : undefined
  const now = shown && (await believed(p, shown.checkpoint, { fleet, keys: [collectorKey] }))
  if (now === undefined) return before && forked(before, before.checkpoint, 'log_withheld', nowMs)
  if (before === undefined) return { checkpoint: now.note, fork: undefined }
  const kind = await forkBetween(p, decodeCheckpoint(before.checkpoint), now, shown?.proof ?? [])
  if (kind !== undefined) return forked(before, now.note, kind, nowMs)
  return { checkpoint: now.note, fork: lasting(before.fork, nowMs) }
}

/** Undefined: `later` grew out of `earlier`. Both are of one log and their signatures hold. */
export async function forkBetween(
  p: Primitives,
  earlier: Checkpoint,
  later: Checkpoint,
  proof: readonly Bytes[],
): Promise<ForkKind | undefined> {
  if (later.size < earlier.size) return 'log_rolled_back'
  if (later.size === earlier.size) return equalBytes(later.root, earlier.root) ? undefined : 'log_rewritten'
  return (await grewFrom(p, earlier, later, proof)) ? undefined : 'log_rewritten'
}

/** Undefined: none was seen for long. */
export function forkNow(fork: LogFork | undefined, nowMs: number): LogFork | undefined {
  return fork !== undefined && nowMs - fork.lastMs < forkToldMs ? fork : undefined
}

/** A log that is shown again and grew from what was seen hides nothing: the collector's catalog had failed for a moment. */
function lasting(fork: LogFork | undefined, nowMs: number): LogFork | undefined {
  return fork?.kind === 'log_withheld' ? undefined : forkNow(fork, nowMs)
}

/** What became of the log, for people. */
export function forkWords({ kind, before }: LogFork): string {
  const { size } = decodeCheckpoint(before)
  switch (kind) {
    case 'log_rolled_back':
      return `the collector's log is shorter than it was (${size} entries were seen): it was put back from an older copy, or somebody hides what happened`
    case 'log_rewritten':
      return `the collector's log is not what it was: the first ${size} entries were changed, or this side is shown another log than others`
    case 'log_withheld':
      return `the collector no longer shows its log (${size} entries were seen)`
  }
}

/** The first that does not fit stays the evidence; what is seen again only moves the end. */
function forked(before: WitnessedLog, checkpoint: Bytes, kind: ForkKind, nowMs: number): WitnessedLog {
  const fork = kind === 'log_withheld' ? forkNow(before.fork, nowMs) : lasting(before.fork, nowMs)
  return {
    checkpoint,
    fork: fork
      ? { ...fork, lastMs: nowMs }
      : { kind, before: before.checkpoint, sinceMs: nowMs, lastMs: nowMs },
  }
}

async function believed(
  p: Primitives,
  note: Bytes,
  by: { readonly fleet: FleetId; readonly keys: readonly Bytes[] },
): Promise<Checkpoint | undefined> {
  try {
    return await verifyCheckpoint(p, note, by)
  } catch (error) {
    if (isFailure(error, 'bad_checkpoint') || isFailure(error, 'bad_signature')) return undefined
    throw error
  }
}

/**
 * The names that this device had, for a search over all snapshots (proto content/names.ts). What comes and goes is remembered with
 * each snapshot; once a day, when all is looked at, it is sealed as a run and a new index names it. Every commit names
 * the newest index, so any snapshot that stays leads to all of them.
 */
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import type { ObjectSource } from '@backstay/proto/content/archive/object-pages'
import type { Reference } from '@backstay/proto/content/entry'
import type { EpochKeys } from '@backstay/proto/content/keys'
import {
  eachName,
  encodeIndex,
  mergedEvents,
  type NameEvent,
  type NameRun,
  type PlainNames,
  type RunWriter,
  runBytes,
  runWriter,
} from '@backstay/proto/content/names'
import { openObject, sealObject } from '@backstay/proto/content/seal'
import type { Primitives } from '@backstay/proto/primitives'
import type { Memory, MemoryChange } from '../memory/memory.ts'
import { readSheet } from '../memory/sheet.ts'
import { type ObjectSink, outgoing } from './outgoing.ts'

export interface NamesOptions {
  readonly primitives: Primitives
  readonly clock: Pick<Clock, 'now'>
  readonly keys: EpochKeys
  readonly memory: Memory
  readonly change: MemoryChange
  readonly store: ObjectSink & ObjectSource
  /** Of the commit that is being made. */
  readonly sequence: number
  /** All is looked at: a run may be made, if it is time. */
  readonly isWhole: boolean
  /** How long snapshots may be kept; what went before nobody can restore. */
  readonly keptMs: number
}

export interface Names {
  /** In order of keys, as the map is built. */
  came(key: Bytes): void
  went(key: Bytes): void
  /** The index of the commit before; undefined: there was none. */
  readonly before: Reference | undefined
  /** Seals and sends what is due; the index that the commit is to name. */
  finish(): Promise<Reference | undefined>
}

/** A little less than a day, so that it stays at the same hour. */
const listEveryMs = 20 * 3600_000
/** Runs of a day that are laid together when there are more. */
const smallRunsMax = 31
const smallNames = 4096
/** When what came and went since is this much more than what there is, all names are listed anew. */
const eventsPerName = 2
const eventsLeast = 100_000

export function keepNames(options: NamesOptions): Names {
  const { primitives: p, clock, keys, memory, change, sequence } = options
  const known = memory.names
  const nowMs = clock.now()
  const isDue = options.isWhole && Math.abs(nowMs - (known?.listedAtMs ?? 0)) >= listEveryMs
  const sending = outgoing(options.store)
  // Nothing is remembered: whatever is found is all there is.
  const isFirst = known === undefined && memory.commit === undefined
  const own = isDue ? runs(sequence, isFirst) : undefined

  return {
    before: known?.index,
    came: key => note(key, false),
    went: key => note(key, true),
    async finish() {
      if (own === undefined) return known?.index
      const before = known === undefined || !known.isComplete ? await renewed() : await kept(known.runs)
      const made = [...before, ...(await own.end())]
      const index = await seal(encodeIndex(made))
      await sending.drain()
      change.names({ index, runs: made, isComplete: true, listedAtMs: nowMs })
      return index
    },
  }

  function note(key: Bytes, isGone: boolean): void {
    if (own !== undefined) own.add({ key, sequence, isGone })
    else change.nameEvent({ key, sequence, isGone })
  }

  /** What there is, what happened since the last run, and what came of it before. */
  async function kept(old: readonly NameRun[]): Promise<readonly NameRun[]> {
    const events = old.filter(run => !run.isAll).reduce((sum, run) => sum + run.names, 0)
    const all = old.filter(run => run.isAll).reduce((sum, run) => sum + run.names, 0)
    if (events > eventsLeast + eventsPerName * all) return renewed()
    return [...(await laidTogether(old)), ...(await sinceLastRun())]
  }

  /** All names of the commit before, from memory; of earlier runs only those of snapshots that may still be there. */
  async function renewed(): Promise<readonly NameRun[]> {
    const old = (known?.runs ?? []).filter(run => !run.isAll && nowMs - run.endedAtMs < options.keptMs)
    if (isFirst) return old
    const all = runs(sequence - 1, true)
    for (const { sheet } of memory.leaves(true)) {
      const reader = readSheet(sheet())
      while (reader.next()) all.add({ key: reader.key, sequence: sequence - 1, isGone: false })
    }
    return [...(await laidTogether(old)), ...(await sinceLastRun()), ...(await all.end())]
  }

  async function sinceLastRun(): Promise<readonly NameRun[]> {
    const since = runs(memory.firstNameEvent ?? sequence, false)
    for (const event of memory.nameEvents()) since.add(event)
    return since.end()
  }

  async function laidTogether(old: readonly NameRun[]): Promise<readonly NameRun[]> {
    const small = old.filter(run => !run.isAll && run.names < smallNames)
    if (small.length <= smallRunsMax) return old
    const events = await eventsOf(small)
    const together = runs(Math.min(...small.map(run => run.firstSequence)), false)
    for (const event of events) together.add(event)
    return [...old.filter(run => !small.includes(run)), ...(await together.end())]
  }

  async function eventsOf(some: readonly NameRun[]): Promise<NameEvent[]> {
    const lists: NameEvent[][] = []
    let next = 0
    for await (const { stored } of options.store.get(some.map(run => run.reference.id))) {
      const run = some[next++] as NameRun
      const events: NameEvent[] = []
      // A run that is lost was found missing before; one that is damaged is left out, as its names would be anyway.
      const opened =
        stored && (await openObject(p, run.reference, 'names', stored, keys).catch(() => undefined))
      if (opened === undefined) continue
      eachName(opened.bytes, run.firstSequence, (key, at, isGone) => {
        events.push({ key: key.slice(), sequence: at, isGone })
      })
      lists.push(events)
    }
    return mergedEvents(lists)
  }

  /** Cut, sealed and sent as they fill. */
  function runs(firstSequence: number, isAll: boolean) {
    const made: Promise<NameRun>[] = []
    const writer: RunWriter = runWriter(firstSequence)
    let lastSequence = firstSequence

    function cut(): void {
      const { names } = writer
      if (names === 0) return
      const facts = { firstSequence, lastSequence, names, isAll, endedAtMs: nowMs }
      made.push(seal(writer.take()).then(reference => ({ reference, ...facts })))
      made.at(-1)?.catch(() => undefined)
    }

    return {
      add({ key, sequence: at, isGone }: NameEvent): void {
        lastSequence = Math.max(lastSequence, at)
        writer.add(key, at, isGone)
        if (writer.bytes >= runBytes) cut()
      },
      end(): Promise<NameRun[]> {
        cut()
        return Promise.all(made)
      },
    }
  }

  async function seal({ bytes, children }: PlainNames): Promise<Reference> {
    const object = await sealObject(p, keys, { type: 'names', bytes, children })
    sending.send(object)
    return object.reference
  }
}

/** Forgets runs that the collector holds no longer; the next whole backup lists all names anew. */
export async function dropMissingNames(
  memory: Pick<Memory, 'names' | 'setNames'>,
  missing: ObjectSink['missing'],
): Promise<void> {
  const known = memory.names
  if (known === undefined) return
  const { index, runs } = known
  const ids = [...(index === undefined ? [] : [index]), ...runs.map(run => run.reference)].map(one => one.id)
  const gone = await missing(ids)
  if (gone.size === 0) return
  const left = runs.filter(run => !gone.has(run.reference.id))
  memory.setNames({
    index: index !== undefined && gone.has(index.id) ? undefined : index,
    runs: left,
    isComplete: known.isComplete && left.length === runs.length,
    listedAtMs: 0,
  })
}

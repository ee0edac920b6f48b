/**
 * How this machine is, for its heartbeat. What never changes is asked once a day, on a thread of its own (machine.ts);
 * the rest costs less than a millisecond each time. What cannot be told is empty or 0: no heartbeat waits for it.
 */
import { stat, statfs } from 'node:fs/promises'
import { freemem, totalmem, uptime } from 'node:os'
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { disksMax, type Vitals } from '@backstay/proto/trust/heartbeat'
import { readPower } from '../system/power.ts'
import { askPlace } from './asked-places.ts'
import { askMachine, type Machine, unknownMachine } from './machine.ts'
import { personAt } from './person.ts'

export interface VitalSigns {
  /** `places`: paths whose file systems are measured, the state folder first. */
  take(places: readonly Bytes[]): Promise<Vitals>
  /** Who works here; empty when nobody can be told. */
  user(): Promise<string>
}

export interface VitalSignsOptions {
  readonly clock: Clock
  /** Told once of each fact that did not come in time. */
  silent(fact: string): void
  /** After the thread is gone. */
  asked(): void
  readonly ask?: typeof askMachine
  readonly person?: () => Promise<string>
}

const dayMs = 86_400_000
/** People sign in and out. */
const personMs = 3_600_000
/** A file system that does not answer within this time is left out. */
const diskMs = 2000

export function vitalSigns({
  clock,
  silent,
  asked,
  ask = askMachine,
  person = personAt,
}: VitalSignsOptions): VitalSigns {
  let machine: Machine = unknownMachine
  let askAtMs = Number.NEGATIVE_INFINITY
  let who = { name: '', untilMs: Number.NEGATIVE_INFINITY }
  const said = new Set<string>()
  const once = (fact: string) => {
    if (!said.has(fact)) silent(fact)
    said.add(fact)
  }
  const measure = diskProbe(clock, () => once('disk'))

  async function askAgain(): Promise<void> {
    const answer = await ask(clock)
    machine = { ...machine, ...answer.machine }
    for (const fact of answer.silent) once(fact)
    asked()
  }

  return {
    async user() {
      if (clock.monotonic() >= who.untilMs) {
        who = { name: await person(), untilMs: clock.monotonic() + personMs }
      }
      return who.name
    },
    async take(places) {
      if (clock.monotonic() >= askAtMs) {
        askAtMs = clock.monotonic() + dayMs
        // The next heartbeat has it.
        void askAgain().catch(() => once('machine'))
      }
      const [power, disks] = await Promise.all([readPower(), measure(places)])
      const { user, system } = process.cpuUsage()
      return {
        ...machine,
        disks,
        memoryBytes: totalmem(),
        memoryFreeBytes: freemem(),
        batteryPercent: power?.percent,
        charging: power?.charging ?? false,
        uptimeMs: Math.round(uptime() * 1000),
        agentMemoryBytes: process.memoryUsage.rss(),
        agentCpuMs: Math.round((user + system) / 1000),
      }
    },
  }
}

interface Disk {
  readonly bytes: number
  readonly freeBytes: number
}

function diskProbe(clock: Clock, silent: () => void) {
  async function one(place: Bytes): Promise<readonly [number, Disk] | undefined> {
    const answer = askPlace(place, async () => {
      try {
        const path = Buffer.from(place)
        const { dev } = await stat(path)
        const { bsize, blocks, bavail } = await statfs(path)
        return [dev, { bytes: bsize * blocks, freeBytes: bsize * bavail }] as const
      } catch {
        return undefined
      }
    })
    const over = new AbortController()
    const late = clock.sleep(diskMs, over.signal).then(silent, () => undefined)
    const first = await Promise.race([answer, late.then(() => undefined)])
    over.abort()
    return first
  }

  return async (places: readonly Bytes[]): Promise<readonly Disk[]> => {
    const disks = new Map<number, Disk>()
    for (const found of await Promise.all(places.map(one))) if (found) disks.set(found[0], found[1])
    return [...disks.values()].slice(0, disksMax)
  }
}

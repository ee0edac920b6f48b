/**
 * What may go wrong in one simulation. Each seed chooses some kinds of trouble and how much of each (a swarm): all at once
 * would hide what only comes up where one of them is alone.
 */
import type { Random } from '../testing/random.ts'

export interface Weather {
  /** One in so many; 0: never. */
  readonly linkCut: number
  readonly halfOpen: number
  readonly slowLinkMs: number
  readonly readError: number
  readonly writeError: number
  readonly fullDisk: number
  readonly catalogError: number
  readonly fileReadError: number
  /** Mean days between two. */
  readonly collectorCrashDays: number
  readonly agentCrash: number
  readonly clockJump: number
  readonly longSleep: number
  readonly changeUnderBackup: number
  /** The kernel's queue of notices overflows. */
  readonly watchOverflow: number
  /** Of steps with small files of the agent's state: the disk is full, reports an error, loses power. */
  readonly stateFull: number
  readonly stateError: number
  readonly statePowerCut: number
  /** Of answers of the collector: one with an order or a job behind it that no device may obey. */
  readonly rogueOrder: number
  /** Of hours with an admin: a new policy is signed. */
  readonly newPolicy: number
  /** A job is signed. */
  readonly newJob: number
  /** Of turns of a laptop: somebody pauses it; it is on battery, or in a network that is paid by the byte. */
  readonly pause: number
  readonly poorPlace: number
}

export const fairWeather: Weather = {
  ...{ linkCut: 0, halfOpen: 0, slowLinkMs: 5, readError: 0, writeError: 0, fullDisk: 0, catalogError: 0 },
  ...{
    fileReadError: 0,
    collectorCrashDays: 0,
    agentCrash: 0,
    clockJump: 0,
    longSleep: 0,
    changeUnderBackup: 0,
    watchOverflow: 0,
    stateFull: 0,
    stateError: 0,
    statePowerCut: 0,
    rogueOrder: 0,
    newPolicy: 0,
    newJob: 0,
    pause: 0,
    poorPlace: 0,
  },
}

export function weatherOf(random: Random): Weather {
  const maybe = (least: number, most: number) =>
    random.below(3) === 0 ? 0 : least + random.below(most - least + 1)
  return {
    linkCut: maybe(20, 600),
    halfOpen: maybe(40, 1000),
    slowLinkMs: random.pick([1, 20, 400]),
    readError: maybe(50, 3000),
    writeError: maybe(10, 500),
    fullDisk: maybe(3, 10),
    catalogError: maybe(50, 3000),
    fileReadError: maybe(10, 300),
    collectorCrashDays: maybe(1, 5),
    agentCrash: maybe(2, 10),
    clockJump: maybe(3, 10),
    longSleep: maybe(4, 12),
    changeUnderBackup: maybe(2, 6),
    watchOverflow: maybe(5, 60),
    stateFull: maybe(20, 400),
    stateError: maybe(50, 1000),
    statePowerCut: maybe(40, 1000),
    rogueOrder: maybe(10, 200),
    newPolicy: maybe(12, 96),
    newJob: maybe(4, 48),
    pause: maybe(4, 20),
    poorPlace: maybe(3, 10),
  }
}

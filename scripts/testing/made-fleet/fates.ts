/** What became of each device of a made fleet: mostly all is well, and of every trouble there is some. */
export interface Fate {
  readonly kind:
    | ('well' | 'waiting' | 'unread' | 'root' | 'failing' | 'silent' | 'unproven')
    | ('unprotected' | 'new' | 'paused' | 'away' | 'retired')
  /** Age of the newest complete snapshot; undefined: there is none. */
  readonly completeMs: number | undefined
  /** Age of the oldest change that waits. */
  readonly changeMs: number | undefined
  /** Age of the newest heartbeat. */
  readonly silentMs: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Three of them are not protected, in a fleet of any size up to a thousand. */
export function fates(devices: number, random: () => number): Fate[] {
  const part = (share: number, least: number) => Math.max(least, Math.floor(devices * share))
  const counts: readonly (readonly [Fate['kind'], number])[] = [
    ['unprotected', devices <= 1000 ? 3 : part(0.003, 3)],
    ['new', part(0.006, 1)],
    ['unread', part(0.012, 1)],
    ['root', part(0.004, 1)],
    ['failing', part(0.004, 1)],
    ['silent', part(0.006, 1)],
    ['unproven', part(0.004, 1)],
    ['paused', part(0.01, 1)],
    ['retired', part(0.008, 1)],
    ['away', part(0.09, 1)],
    ['waiting', part(0.3, 1)],
  ]
  const special = counts
    .flatMap(([kind, count]) => Array.from({ length: count }, () => kind))
    .slice(0, devices)
  const all = [...special, ...Array.from({ length: devices - special.length }, () => 'well' as const)]
  return shuffled(all, random).map(kind => fateOf(kind, random))
}

function fateOf(kind: Fate['kind'], random: () => number): Fate {
  const minutes = (from: number, to: number) => (from + random() * (to - from)) * minuteMs
  const days = (from: number, to: number) => (from + random() * (to - from)) * dayMs
  const heardMs = minutes(0.2, 3)
  switch (kind) {
    case 'unprotected':
      return { kind, completeMs: days(5, 9), changeMs: days(4, 5), silentMs: heardMs }
    case 'new':
      return { kind, completeMs: undefined, changeMs: undefined, silentMs: days(1, 2) }
    case 'silent': {
      const silentMs = days(8, 12)
      return { kind, completeMs: silentMs + hourMs, changeMs: undefined, silentMs }
    }
    case 'failing':
      return { kind, completeMs: days(1.2, 2.5), changeMs: days(1.1, 1.2), silentMs: heardMs }
    case 'away': {
      const silentMs = hourMs + days(0, 5)
      return { kind, completeMs: silentMs + minuteMs, changeMs: undefined, silentMs }
    }
    case 'retired':
      return { kind, completeMs: days(8, 20), changeMs: undefined, silentMs: days(7, 8) }
    case 'waiting':
      return { kind, completeMs: minutes(6, 90), changeMs: minutes(3, 6), silentMs: heardMs }
    default:
      return { kind, completeMs: minutes(4, 300), changeMs: undefined, silentMs: heardMs }
  }
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const keyed = list.map(one => ({ one, key: random() }))
  return keyed.toSorted((a, b) => a.key - b.key).map(({ one }) => one)
}

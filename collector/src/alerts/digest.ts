/**
 * Once a day the fleet in a few lines, signed with the collector's key. It comes on good days too: that it does not come is the
 * alarm, and nobody who merely controls the mail server can make one up.
 */

import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import { signDigest } from '@backstay/proto/trust/digest'
import { bytesText } from '../amounts.ts'
import type { Alert } from './engine.ts'
import { coverageOf, type FleetFacts } from './facts.ts'
import { type Message, oneLine } from './message.ts'
import { agoText } from './words.ts'

export interface DigestFacts {
  readonly fleetName: string
  readonly facts: FleetFacts
  readonly open: readonly Alert[]
  /** Signed note of the log. */
  readonly checkpoint: string
}

const shownMax = 20

export async function digestMessage(
  p: Primitives,
  key: SigningKey,
  { fleetName, facts, open, checkpoint }: DigestFacts,
  nowMs: number,
): Promise<Message> {
  const day = new Date(nowMs).toISOString().slice(0, 10)
  const coverage = coverageOf(facts.devices)
  const counts = Map.groupBy(facts.devices, ({ state }) => state)
  const states = [...counts].map(([state, all]) => `${all.length} ${state.replaceAll('_', ' ')}`).sort()
  const percent = coverage === undefined ? 'no device yet' : `${Math.floor(coverage * 1000) / 10} % protected`
  const { storage } = facts
  const lines = [
    `${oneLine(fleetName)}, ${day}: ${percent}`,
    ...(states.length > 0 ? [states.join(', ')] : []),
    storage === undefined
      ? 'storage: not known'
      : `storage: ${bytesText(storage.freeBytes)} of ${bytesText(storage.diskBytes)} free${storage.fullAtMs === undefined ? '' : `, full about ${new Date(storage.fullAtMs).toISOString().slice(0, 10)}`}`,
    `damaged objects: ${facts.damagedObjects}`,
    '',
    open.length === 0 ? 'Nothing is wrong that an alert rule knows of.' : `Open alerts: ${open.length}`,
    ...open
      .slice(0, shownMax)
      .map(alert => `- ${oneLine(alert.what)}, since ${agoText(alert.sinceMs, nowMs)}`),
    ...(open.length > shownMax ? [`and ${open.length - shownMax} more`] : []),
    '',
    'The log stands at:',
    ...checkpoint
      .trimEnd()
      .split('\n')
      .map(line => `  ${line}`),
  ]
  return {
    kind: 'digest',
    title: `[${oneLine(fleetName)}] ${percent}, ${open.length} open alert(s)`,
    text: await signDigest(p, lines, key),
    severity: open.some(({ severity }) => severity === 'critical') ? 'critical' : 'note',
    atMs: nowMs,
    events: [],
  }
}

/** When the day's digest is due: `hour` of the machine's own clock. Undefined: today's was sent. */
export function digestDue(hour: number, lastMs: number | undefined, nowMs: number): boolean {
  const due = new Date(nowMs)
  due.setHours(hour, 0, 0, 0)
  return nowMs >= due.getTime() && (lastMs === undefined || lastMs < due.getTime())
}
